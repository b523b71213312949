"""What joins what, conductor by conductor, as the engine has built it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import product

from p2p_cosim.feeders.elements import Branch, Kind
from p2p_cosim.grid.records import ElementRecord

Node = tuple[str, int]
_PHASE = {1: "A", 2: "B", 3: "C"}


def branches_of(
    records: Sequence[ElementRecord], regulating: set[str], grounded: Collection[Node] = ()
) -> tuple[Branch, ...]:
    """Branches with their conductors; a transformer of several windings is one for each.

    regulating: names of the transformers that are regulators. grounded: nodes at ground.
    """
    neutrals = _at_ground(records, grounded)
    return tuple(b for record in records for b in _branches(record, regulating, neutrals))


def _at_ground(records: Sequence[ElementRecord], grounded: Collection[Node]) -> set[Node]:
    """Nodes at ground, and all that lines join to them beyond the phases."""
    beside: dict[Node, list[Node]] = {}
    for record in records:
        if record.kind == "line":
            (one, nodes), (other, ends) = record.terminals
            for near, far in zip(nodes, ends, strict=True):
                beside.setdefault((one, near), []).append((other, far))
                beside.setdefault((other, far), []).append((one, near))
    order = list(grounded)
    reached = set(order)
    for node in order:
        for end in beside.get(node, ()):
            if end not in reached and end[1] not in _PHASE:
                reached.add(end)
                order.append(end)
    return reached


def _branches(
    record: ElementRecord, regulating: set[str], neutrals: Collection[Node]
) -> Iterator[Branch]:
    (from_bus, nodes), *others = record.terminals
    for winding, (to_bus, ends) in enumerate(others, start=1):
        if record.kind == "transformer":
            pairs = _through_windings(record, nodes, ends)
        else:
            pairs = tuple(zip(nodes, ends, strict=True))
        yield Branch(
            element=record.element,
            from_bus=from_bus,
            to_bus=to_bus,
            phases="".join(_PHASE[n] for n in dict.fromkeys(nodes) if n in _PHASE),
            kind=_kind(record, regulating),
            conductors=pairs,
            opened=record.opened,
            grounds=_grounds(record, winding, neutrals),
        )


def _grounds(record: ElementRecord, winding: int, neutrals: Collection[Node]) -> bool:
    """Whether voltages behind it have ground as their reference."""
    if record.kind != "transformer":
        return True
    bus, ends = record.terminals[winding]
    at_ground = (node == 0 or (bus, node) in neutrals for node in ends[record.phases :])
    return not record.deltas[winding] and any(at_ground)


def _kind(record: ElementRecord, regulating: set[str]) -> Kind:
    if record.kind == "transformer":
        return "regulator" if record.name in regulating else "transformer"
    if record.kind == "line":
        return "switch" if record.is_switch else "line"
    return "series"


def _through_windings(
    record: ElementRecord, nodes: Sequence[int], ends: Sequence[int]
) -> tuple[tuple[int, int], ...]:
    """Which live nodes of one winding can make which of another live.

    Phase by phase where both are wye; all to all where one is delta or lies between phases.
    """
    phases = record.phases
    if phases > 1 and not record.is_delta:
        return tuple(zip(nodes[:phases], ends[:phases], strict=True))
    live, fed = ([n for n in dict.fromkeys(side) if n > 0] for side in (nodes, ends))
    return tuple(product(live, fed))
