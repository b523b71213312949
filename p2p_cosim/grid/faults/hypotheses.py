"""Short circuits that a utility assumes in order to explain what it measures."""

from __future__ import annotations

from p2p_cosim.core.types import Fault
from p2p_cosim.grid.feeder import Feeder

SHORTS = (
    *(("slg", phases) for phases in ("A", "B", "C")),
    *(("ll", phases) for phases in ("AB", "BC", "CA")),
    *(("llg", phases) for phases in ("AB", "BC", "CA")),
    ("three_phase", "ABC"),
)
ASSUMED_OHM = (0.0, 0.5, 2.0, 5.0, 12.0, 30.0, 80.0)
SMALL_OHM = 1000.0


def middle_bus(feeder: Feeder) -> str:
    """The bus with all phases where most branches meet, beyond the first: fault effects there
    are between those near the source and those far out."""
    pairs = [(line.from_bus, line.to_bus) for line in feeder.lines]
    pairs += [(switch.from_bus, switch.to_bus) for switch in feeder.switches]
    ends = [bus for pair in pairs for bus in pair if len(feeder.buses[bus].phases) == 3]
    return max(reversed(list(dict.fromkeys(ends))), key=ends.count)


def assumed_shorts(feeder: Feeder) -> tuple[Fault, ...]:
    """Every kind and phase over seven impedances, in the middle of the feeder."""
    bus = middle_bus(feeder)
    return tuple(Fault(kind, bus, 0, 1, p, ohm) for kind, p in SHORTS for ohm in ASSUMED_OHM)


def small_shorts(feeder: Feeder) -> tuple[Fault, ...]:
    """Every kind and phase, so small that effects are proportional to the admittance."""
    return tuple(Fault(kind, middle_bus(feeder), 0, 1, p, SMALL_OHM) for kind, p in SHORTS)
