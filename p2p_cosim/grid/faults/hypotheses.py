"""Short circuits that a utility assumes in order to explain what it measures."""

from __future__ import annotations

from p2p_cosim.core.fault_kinds import BUS_SHORTS, FAULT_KINDS
from p2p_cosim.core.types import Fault
from p2p_cosim.grid.circuit import Circuit

_PHASES = {1: ("A", "B", "C"), 2: ("AB", "BC", "CA"), 3: ("ABC",)}
PHASE_SHORTS = tuple(
    (kind, phases) for kind in BUS_SHORTS for phases in _PHASES[FAULT_KINDS[kind].phases]
)
"""Every short circuit on the primary, by its kind and phases."""

ASSUMED_OHM = (0.0, 0.5, 2.0, 5.0, 12.0, 30.0, 80.0)
SMALL_OHM = 1000.0


def middle_bus(circuit: Circuit) -> str:
    """The bus with all phases where most branches meet, beyond the first: fault effects there
    are between those near the source and those far out."""
    ends = [
        bus
        for group in circuit.breakable().values()
        for branch in group
        for bus in (branch.from_bus, branch.to_bus)
        if len(circuit.buses[bus].phases) == 3
    ]
    return max(reversed(list(dict.fromkeys(ends))), key=ends.count)


def assumed_shorts(circuit: Circuit) -> tuple[Fault, ...]:
    """Every kind and phase over seven impedances, in the middle of the feeder."""
    bus = middle_bus(circuit)
    return tuple(Fault(kind, bus, 0, 1, p, ohm) for kind, p in PHASE_SHORTS for ohm in ASSUMED_OHM)


def small_shorts(circuit: Circuit) -> tuple[Fault, ...]:
    """Every kind and phase, so small that effects are proportional to the admittance."""
    return tuple(Fault(kind, middle_bus(circuit), 0, 1, p, SMALL_OHM) for kind, p in PHASE_SHORTS)
