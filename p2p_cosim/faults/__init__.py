"""What breaks, and when."""

from p2p_cosim.faults.schedule import HOUSE_KINDS, FaultRate, Schedule, draw_schedule

__all__ = ["HOUSE_KINDS", "FaultRate", "Schedule", "draw_schedule"]
