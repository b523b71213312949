"""Opens and short circuits that a utility assumes in order to explain what it measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.fault_kinds import BUS_SHORTS, FAULT_KINDS
from p2p_cosim.core.types import Fault, HouseSite
from p2p_cosim.grid.circuit import Circuit
from p2p_cosim.grid.conductors import Conductors
from p2p_cosim.grid.faults.places import possible_opens

_PHASES = {1: ("A", "B", "C"), 2: ("AB", "BC", "CA"), 3: ("ABC",)}
PHASE_SHORTS = tuple(
    (kind, phases) for kind in BUS_SHORTS for phases in _PHASES[FAULT_KINDS[kind].phases]
)
"""Every short circuit on the primary, by its kind and phases."""

ASSUMED_OHM = (0.0, 0.5, 2.0, 5.0, 12.0, 30.0, 80.0)
SMALL_OHM = 1000.0
MOST_OPENS = 1000


def middle_bus(circuit: Circuit) -> str:
    """The bus with most phases where most branches meet, beyond the first: fault effects there
    are between those near the source and those far out.

    Raises GridError for a feeder without a line.
    """
    ends = [
        bus
        for group in circuit.breakable().values()
        for branch in group
        for bus in (branch.from_bus, branch.to_bus)
    ]
    if not ends:
        raise GridError(f"{circuit.name} has no line: a detector with a feeder model needs one")
    most = max(len(circuit.buses[bus].phases) for bus in ends)
    full = [bus for bus in ends if len(circuit.buses[bus].phases) == most]
    return max(reversed(list(dict.fromkeys(full))), key=full.count)


def _at_the_middle(circuit: Circuit) -> list[Fault]:
    """Every kind and phase there, bolted."""
    bus = middle_bus(circuit)
    there = set(circuit.buses[bus].phases)
    return [Fault(kind, bus, 0, 1, p) for kind, p in PHASE_SHORTS if set(p) <= there]


def assumed_opens(circuit: Circuit, houses: Sequence[HouseSite]) -> tuple[Fault, ...]:
    """`possible_opens`; of more than MOST_OPENS only those that readings can tell apart.

    Lines in series, with nothing that draws power between them, darken the same when they open:
    of such a chain the first line of the feeder's files stands for all.
    """
    opens = possible_opens(circuit, houses)
    if len(opens) <= MOST_OPENS:
        return opens
    darkened, seen, kept = _darkened(circuit, houses), set(), []
    for fault in opens:
        same = (fault.kind, fault.phases, darkened.get(fault.place, frozenset({fault.place})))
        if same not in seen:
            seen.add(same)
            kept.append(fault)
    return tuple(kept)


def _darkened(circuit: Circuit, houses: Sequence[HouseSite]) -> dict[str, frozenset[str]]:
    """By the place that opens: the buses with loads or houses that lose a conductor."""
    graph = Conductors(circuit)
    drawing = {load.bus for load in circuit.loads} | {house.bus for house in houses}
    at_loads = {node for node in graph.fed() if node[0] in drawing}
    return {
        place: frozenset(bus for bus, _ in at_loads - graph.fed(dead={b.element for b in group}))
        for place, group in circuit.breakable().items()
    }


def assumed_shorts(circuit: Circuit) -> tuple[Fault, ...]:
    """Every kind and phase over seven impedances, in the middle of the feeder."""
    return tuple(
        replace(fault, impedance_ohm=ohm)
        for fault in _at_the_middle(circuit)
        for ohm in ASSUMED_OHM
    )


def small_shorts(circuit: Circuit) -> tuple[Fault, ...]:
    """Every kind and phase, so small that effects are proportional to the admittance."""
    return tuple(replace(fault, impedance_ohm=SMALL_OHM) for fault in _at_the_middle(circuit))
