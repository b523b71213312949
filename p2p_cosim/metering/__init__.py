"""Between the grid and whoever watches it: what meters report."""

from p2p_cosim.metering.simulated import TYPICAL, Metering, MeterQuality

__all__ = ["TYPICAL", "MeterQuality", "Metering"]
