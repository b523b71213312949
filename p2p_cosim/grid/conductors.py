"""What is joined to what: the feeder's conductors as a graph of nodes.

A node is a conductor at a bus. Lines, switches, series reactors and capacitors join nodes one by
one, also where they change number; a transformer makes nodes of one winding live when those of
another are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from p2p_cosim.feeders.elements import Branch
from p2p_cosim.grid.circuit import Circuit

Node = tuple[str, int]
NONE: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class _Joint:
    """Two nodes, and the conductor that joins them."""

    ends: tuple[Node, Node]
    element: str
    conductor: int


class Conductors:
    """The graph of a circuit, as published but for what is open."""

    def __init__(self, circuit: Circuit) -> None:
        sources = circuit.sources or (("", circuit.source_bus, (1, 2, 3)),)
        self._sources = [(bus, node) for _, bus, nodes in sources for node in nodes if node > 0]
        self._beside = _joints_beside(circuit.branches)

    def fed(
        self, opened: Collection[tuple[str, int]] = NONE, dead: Collection[str] = ()
    ) -> set[Node]:
        """Nodes that closed conductors join to a source.

        opened: conductors that stand open besides, as (element, conductor). dead: elements
        that are open as a whole.
        """
        return _reached(self._sources, self._beside, opened, dead)

    def behind(self, element: str) -> set[Node]:
        """Nodes that have no supply without this element."""
        return self._published - self.fed(dead={element})

    @cached_property
    def _published(self) -> set[Node]:
        return self.fed()


def fed_nodes(
    sources: Iterable[tuple[str, Iterable[int]]], branches: Iterable[Branch]
) -> set[Node]:
    """Nodes that closed conductors join to a source, each given by its bus and nodes."""
    begins = [(bus, node) for bus, nodes in sources for node in nodes if node > 0]
    return _reached(begins, _joints_beside(branches), NONE, ())


def _joints_beside(branches: Iterable[Branch]) -> dict[Node, list[_Joint]]:
    beside: dict[Node, list[_Joint]] = {}
    for branch in branches:
        for joint in _joints(branch):
            for end in joint.ends:
                beside.setdefault(end, []).append(joint)
    return beside


def _reached(
    sources: Iterable[Node],
    beside: Mapping[Node, Iterable[_Joint]],
    opened: Collection[tuple[str, int]],
    dead: Collection[str],
) -> set[Node]:
    order = list(sources)
    reached = set(order)
    for node in order:
        for joint in beside.get(node, ()):
            if joint.element in dead or (joint.element, joint.conductor) in opened:
                continue
            for end in joint.ends:
                if end not in reached:
                    reached.add(end)
                    order.append(end)
    return reached


def _joints(branch: Branch) -> Iterable[_Joint]:
    for conductor, (near, far) in enumerate(branch.joins):
        if near > 0 and far > 0 and conductor not in branch.opened:
            yield _Joint(((branch.from_bus, near), (branch.to_bus, far)), branch.element, conductor)


def grounded_buses(circuit: Circuit) -> frozenset[str]:
    """Buses where a conductor has a voltage to ground: those that no delta winding cuts off."""
    beside: dict[str, list[tuple[str, bool]]] = {}
    for branch in circuit.branches:
        beside.setdefault(branch.from_bus, []).append((branch.to_bus, branch.grounds))
        # Seen from its second end, a transformer passes ground on like a line: few feeders are fed
        # through one backwards, and none of these is without ground.
        beside.setdefault(branch.to_bus, []).append((branch.from_bus, True))
    order = [bus for _, bus, _ in circuit.sources] or [circuit.source_bus]
    reached = set(order)
    for bus in order:
        for other, grounds in beside.get(bus, ()):
            if grounds and other not in reached:
                reached.add(other)
                order.append(other)
    return frozenset(reached)


def joined_buses(circuit: Circuit) -> frozenset[str]:
    """Buses that any branch joins to a source, whether or not it is open."""
    return frozenset(transformer_of(circuit))


def transformer_of(circuit: Circuit) -> dict[str, str]:
    """By bus, the nearest transformer on its way to the source; none for buses before the first."""
    beside: dict[str, list[tuple[str, str]]] = {}
    for branch in circuit.branches:
        own = branch.element.split(".", 1)[1] if branch.kind == "transformer" else ""
        beside.setdefault(branch.from_bus, []).append((branch.to_bus, own))
        beside.setdefault(branch.to_bus, []).append((branch.from_bus, own))
    order = [bus for _, bus, _ in circuit.sources] or [circuit.source_bus]
    behind = dict.fromkeys(order, "")
    for bus in order:
        for other, own in beside.get(bus, ()):
            if other not in behind:
                behind[other] = own or behind[bus]
                order.append(other)
    return behind
