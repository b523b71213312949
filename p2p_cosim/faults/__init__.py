"""What breaks, and when."""

from p2p_cosim.faults.schedule import FaultRate, Schedule, draw_schedule

__all__ = ["FaultRate", "Schedule", "draw_schedule"]
