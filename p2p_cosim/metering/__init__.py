"""Between the grid and whoever watches it: what meters report."""

from p2p_cosim.metering.simulated import METER_KINDS, TYPICAL, Metering, MeterQuality

__all__ = ["METER_KINDS", "TYPICAL", "MeterQuality", "Metering"]
