"""What breaks when (schedule), what meters report of it, and what is noticed (detectors)."""

from p2p_cosim.faults.detectors import OutageThreshold
from p2p_cosim.faults.metering import METER_KINDS, TYPICAL, Metering, MeterQuality
from p2p_cosim.faults.schedule import HOUSE_KINDS, FaultRate, Schedule, draw_schedule

__all__ = [
    "HOUSE_KINDS",
    "METER_KINDS",
    "TYPICAL",
    "FaultRate",
    "MeterQuality",
    "Metering",
    "OutageThreshold",
    "Schedule",
    "draw_schedule",
]
