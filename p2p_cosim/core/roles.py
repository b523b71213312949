"""What a scenario can name in each role, and what is to be known of it before it is made.

One registry a role: the schema offers these names, the composition root makes what they stand
for, and the run id looks for a user's own class wherever one of them may stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class MechanismFacts:
    """A clearing rule. contract: artifact that holds it."""

    contract: str


@dataclass(frozen=True, slots=True)
class ControllerFacts:
    """Who controls the voltage.

    moves_taps: whether it decides about taps, within the scenario's limits. own_control:
    whether the feeder's published regulator controls do. inverters: whether PV answers its
    voltage.
    """

    moves_taps: bool = False
    own_control: bool = False
    inverters: bool = False


@dataclass(frozen=True, slots=True)
class DetectorFacts:
    """Who watches the meters. needs_twin: whether it solves a feeder of its own."""

    needs_twin: bool = False


@dataclass(frozen=True, slots=True)
class StrategyFacts:
    """How a trader prices. needs_prices: whether a house must be given its prices."""

    needs_prices: bool = False


MECHANISMS: Mapping[str, MechanismFacts] = MappingProxyType(
    {
        "k_double_auction": MechanismFacts("KDoubleAuction"),
        "walrasian": MechanismFacts("Walrasian"),
        "pay_as_bid": MechanismFacts("PayAsBid"),
        "mcafee": MechanismFacts("McAfee"),
        "continuous": MechanismFacts("ContinuousDoubleAuction"),
    }
)
CONTROLLERS: Mapping[str, ControllerFacts] = MappingProxyType(
    {
        "hold": ControllerFacts(),
        "regcontrol": ControllerFacts(own_control=True),
        "reactive": ControllerFacts(moves_taps=True),
        "look_ahead": ControllerFacts(moves_taps=True),
        "volt_var": ControllerFacts(inverters=True),
        "curtail": ControllerFacts(inverters=True),
        "volt_watt": ControllerFacts(inverters=True),
    }
)
DETECTORS: Mapping[str, DetectorFacts] = MappingProxyType(
    {
        "outage_threshold": DetectorFacts(),
        "statistical": DetectorFacts(),
        "energy_balance": DetectorFacts(needs_twin=True),
        "learned": DetectorFacts(needs_twin=True),
    }
)
STRATEGIES: Mapping[str, StrategyFacts] = MappingProxyType(
    {
        "zic": StrategyFacts(),
        "truthful": StrategyFacts(),
        "fixed": StrategyFacts(needs_prices=True),
        "self_consumption": StrategyFacts(),
        "predictive": StrategyFacts(),
        "time_ramp": StrategyFacts(),
        "zip": StrategyFacts(),
        "roth_erev": StrategyFacts(),
        "modified_roth_erev": StrategyFacts(),
        "opt_out": StrategyFacts(),
    }
)
INVERTER_RULES = tuple(name for name, facts in CONTROLLERS.items() if facts.inverters)
FORECASTERS = ("noisy_truth", "perfect", "persistence", "seasonal_naive", "boosted")
BULK_STRATEGIES = tuple(name for name, facts in STRATEGIES.items() if not facts.needs_prices)

_OWN_CONTROLLER = ControllerFacts(moves_taps=True)


def controller_facts(name: str) -> ControllerFacts:
    """Of a controller of the package or, by any other name, of the user's own."""
    return CONTROLLERS.get(name, _OWN_CONTROLLER)


def detector_facts(name: str) -> DetectorFacts:
    """Of a detector of the package or, by any other name, of the user's own."""
    return DETECTORS.get(name, DetectorFacts())


def strategy_facts(name: str) -> StrategyFacts:
    """Of a strategy of the package or, by any other name, of the user's own."""
    return STRATEGIES.get(name, StrategyFacts())
