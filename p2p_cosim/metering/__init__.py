"""Between the grid and whoever watches or bills it: what meters measure, count and report.

A meter has a register, read at the end of an interval to settle it, and a channel, through which
operator, detector and controller get its readings. docs/faults.md tells what the qualities mean.
"""

from p2p_cosim.metering.last_gasp import LastGasp
from p2p_cosim.metering.quality import PERFECT, TYPICAL, MeterQuality
from p2p_cosim.metering.simulated import LYING_SHARE, SimulatedMetering

__all__ = ["LYING_SHARE", "PERFECT", "TYPICAL", "LastGasp", "MeterQuality", "SimulatedMetering"]
