"""What can break on the feeder, and what the network looks like while it is broken."""

from p2p_cosim.grid.faults.broken import FAULT_ELEMENT, BrokenNetwork, short_circuit_commands
from p2p_cosim.grid.faults.hypotheses import (
    PHASE_SHORTS,
    SMALL_OHM,
    assumed_opens,
    assumed_shorts,
    small_shorts,
)
from p2p_cosim.grid.faults.places import possible_opens

__all__ = [
    "FAULT_ELEMENT",
    "PHASE_SHORTS",
    "SMALL_OHM",
    "BrokenNetwork",
    "assumed_opens",
    "assumed_shorts",
    "possible_opens",
    "short_circuit_commands",
    "small_shorts",
]
