"""Short circuits that a utility assumes in order to explain what it measures."""

from __future__ import annotations

from p2p_cosim.core.types import Fault
from p2p_cosim.grid.circuit import Circuit

SHORTS = (
    *(("slg", phases) for phases in ("A", "B", "C")),
    *(("ll", phases) for phases in ("AB", "BC", "CA")),
    *(("llg", phases) for phases in ("AB", "BC", "CA")),
    ("three_phase", "ABC"),
)
ASSUMED_OHM = (0.0, 0.5, 2.0, 5.0, 12.0, 30.0, 80.0)
SMALL_OHM = 1000.0


def middle_bus(circuit: Circuit) -> str:
    """The bus with all phases where most branches meet, beyond the first: fault effects there
    are between those near the source and those far out."""
    ends = [
        bus
        for branch in circuit.breakable().values()
        for bus in (branch.from_bus, branch.to_bus)
        if len(circuit.buses[bus].phases) == 3
    ]
    return max(reversed(list(dict.fromkeys(ends))), key=ends.count)


def assumed_shorts(circuit: Circuit) -> tuple[Fault, ...]:
    """Every kind and phase over seven impedances, in the middle of the feeder."""
    bus = middle_bus(circuit)
    return tuple(Fault(kind, bus, 0, 1, p, ohm) for kind, p in SHORTS for ohm in ASSUMED_OHM)


def small_shorts(circuit: Circuit) -> tuple[Fault, ...]:
    """Every kind and phase, so small that effects are proportional to the admittance."""
    return tuple(Fault(kind, middle_bus(circuit), 0, 1, p, SMALL_OHM) for kind, p in SHORTS)
