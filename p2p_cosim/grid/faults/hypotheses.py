"""Short circuits that a utility assumes in order to explain what it measures."""

from __future__ import annotations

from dataclasses import replace

from p2p_cosim.core.errors import GridError
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
