"""What breaks when (schedule), and what is noticed (detectors)."""

from p2p_cosim.faults.detectors import OutageThreshold
from p2p_cosim.faults.schedule import Schedule

__all__ = ["OutageThreshold", "Schedule"]
