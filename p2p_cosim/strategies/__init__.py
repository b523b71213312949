"""How a trader prices: pure functions of what it may know and its own generator.

A strategy of your own is any object with `quote(view, rng)`; name it in a scenario as
`strategy: my_package.module:MyStrategy`, or pass the object to `Simulation`.
"""

from p2p_cosim.strategies.basic import FixedPrice, OptOut, Truthful, ZeroIntelligence
from p2p_cosim.strategies.predictive import Predictive
from p2p_cosim.strategies.roth_erev import RothErev
from p2p_cosim.strategies.self_consumption import SelfConsumption
from p2p_cosim.strategies.time_ramp import TimeRamp
from p2p_cosim.strategies.zero_intelligence_plus import ZeroIntelligencePlus

__all__ = [
    "FixedPrice",
    "OptOut",
    "Predictive",
    "RothErev",
    "SelfConsumption",
    "TimeRamp",
    "Truthful",
    "ZeroIntelligence",
    "ZeroIntelligencePlus",
]
