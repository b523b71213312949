"""What breaks, and when, and what opens then."""

from p2p_cosim.faults.protection import Protection, ProtectiveDevice
from p2p_cosim.faults.schedule import FaultRate, Schedule, draw_schedule

__all__ = ["FaultRate", "Protection", "ProtectiveDevice", "Schedule", "draw_schedule"]
