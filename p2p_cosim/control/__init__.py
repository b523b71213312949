"""Controllers of the feeder's voltage: what to do with regulators and inverters."""

from p2p_cosim.control.band import SET_POINT_PU, VoltageBand
from p2p_cosim.control.inverters import StandardVoltWatt, VoltVar, VoltWatt, settle_inverters
from p2p_cosim.control.limits import Limited
from p2p_cosim.control.look_ahead import LookAhead
from p2p_cosim.control.reactive import Hold, Reactive

__all__ = [
    "SET_POINT_PU",
    "Hold",
    "Limited",
    "LookAhead",
    "Reactive",
    "StandardVoltWatt",
    "VoltVar",
    "VoltWatt",
    "VoltageBand",
    "settle_inverters",
]
