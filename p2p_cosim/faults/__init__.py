"""What breaks, and when, what opens then, and which taps move."""

from p2p_cosim.faults.protection import Protection, ProtectiveDevice
from p2p_cosim.faults.schedule import FaultRate, Schedule, draw_schedule
from p2p_cosim.faults.tap_orders import TapOrders

__all__ = [
    "FaultRate",
    "Protection",
    "ProtectiveDevice",
    "Schedule",
    "TapOrders",
    "draw_schedule",
]
