"""Tap controllers: what to do with the regulators before delivery."""

from p2p_cosim.control.controllers import Hold, SmallestChange, VoltageBand

__all__ = ["Hold", "SmallestChange", "VoltageBand"]
