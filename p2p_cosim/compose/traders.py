"""Who trades: households and bulk consumers with their strategies and generators."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from p2p_cosim.agents import HouseholdPlan, TraderPlan
from p2p_cosim.compose.backup import (
    backup_strategy_of,
    battery_of,
    essential_share_of,
    tie_of,
)
from p2p_cosim.compose.devices import days_of, devices_of
from p2p_cosim.compose.owned import maker
from p2p_cosim.compose.plugins import Plugins, make_plugin
from p2p_cosim.compose.seeds import Purpose, rng_of
from p2p_cosim.compose.values import values_over_time
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.protocols import Forecaster, Grid, Strategy
from p2p_cosim.core.types import FloatArray, Tariff
from p2p_cosim.forecasts import Boosted, NoisyTruth, Persistence, SeasonalNaive
from p2p_cosim.houses import Course, Device, House, Inverter, Load, PVArray
from p2p_cosim.scenario import Profiles, Scenario
from p2p_cosim.strategies import (
    FixedPrice,
    OptOut,
    Predictive,
    RothErev,
    SelfConsumption,
    TimeRamp,
    Truthful,
    ZeroIntelligence,
    ZeroIntelligencePlus,
)

_PLAIN: Mapping[str, Callable[[], Strategy]] = {
    "zic": ZeroIntelligence,
    "truthful": Truthful,
    "opt_out": OptOut,
    "time_ramp": TimeRamp,
    "zip": ZeroIntelligencePlus,
    "roth_erev": RothErev,
    "modified_roth_erev": partial(RothErev, modified=True),
}


def households_of(
    scenario: Scenario,
    grid: Grid,
    profiles: Profiles,
    tariffs: Sequence[Tariff],
    plugins: Plugins,
) -> tuple[HouseholdPlan, ...]:
    """Every household, in the order of houses; each has generators of its own. tariffs: of every
    interval.

    Raises InputError for a plug-in that every trader cannot have one of, and for devices of a
    house that is not there.
    """
    own_devices = plugins.devices or {}
    if unknown := own_devices.keys() - set(scenario.house_names):
        raise InputError(
            f"devices of {', '.join(map(repr, sorted(unknown)))}: no such house, there are "
            f"{scenario.house_names[0]!r} to {scenario.house_names[-1]!r}"
        )
    plans, days, values = [], days_of(scenario), values_over_time(scenario, tariffs)
    for i, name in enumerate(scenario.house_names):
        load_kw, pv_kw = profiles.load_kw[:, i], profiles.pv_kw[:, i]
        devices = [
            *_devices(scenario, name, profiles, i),
            *devices_of(scenario, name, days),
            *own_devices.get(name, ()),
        ]
        house = House(name, devices, tie_of(scenario, grid, name))
        worth = values.get(name, (None, None))
        trader = _house_trader(scenario, plugins, i, load_kw, pv_kw, worth)
        plans.append(HouseholdPlan(trader, house, backup_strategy_of(scenario, name)))
    return tuple(plans)


def strategy_of(scenario: Scenario, house: str) -> Strategy:
    """The strategy that the scenario names for a house, in its first state."""
    return _strategy(scenario, _given(scenario.trader(house).strategy), house)


def _house_trader(
    scenario: Scenario,
    plugins: Plugins,
    i: int,
    load_kw: FloatArray,
    pv_kw: FloatArray,
    worth: tuple[Sequence[int] | None, Sequence[int] | None],
) -> TraderPlan:
    name = scenario.house_names[i]
    error = _given(scenario.trader(name).forecast_error)
    errors = rng_of(scenario.seed, Purpose.FORECASTS, i)
    return TraderPlan(
        name=name,
        forecaster=_forecaster(scenario, load_kw, pv_kw, error, errors)
        if plugins.forecaster is None
        else maker("forecaster", plugins.forecaster)(),
        strategy=strategy_of(scenario, name)
        if plugins.strategy is None
        else maker("strategy", plugins.strategy)(),
        rng=rng_of(scenario.seed, Purpose.STRATEGIES, i),
        value_wei_per_wh=worth[0],
        cost_wei_per_wh=worth[1],
    )


def _devices(scenario: Scenario, house: str, profiles: Profiles, i: int) -> list[Device]:
    """All that stands behind the meter of a house, the i-th."""
    share, kvar_per_kw = essential_share_of(scenario, house), scenario.profiles.kvar_per_kw
    load_kw, pv_kw, fine = profiles.load_kw[:, i], profiles.pv_kw[:, i], profiles.solved
    course = _course(scenario, fine.load_kw[:, i])
    devices: list[Device] = [Load(load_kw, kvar_per_kw, share, course=course)]
    if pv_kw.any():
        array = PVArray(pv_kw, _course(scenario, fine.pv_kw[:, i]))
        devices.append(Inverter(array, _inverter_kva(scenario, house, fine.pv_kw[:, i])))
    if battery := battery_of(scenario, house):
        devices.append(battery)
    return devices


def _course(scenario: Scenario, fine_kw: FloatArray) -> Course | None:
    """What a profile does inside intervals, if an interval has several power flows."""
    clock, parts = scenario.clock, scenario.clock.parts
    if parts == 1:
        return None
    return Course(fine_kw.reshape(-1, parts), clock.interval_min * 60 / parts)


def _inverter_kva(scenario: Scenario, house: str, pv_kw: FloatArray) -> float:
    """Rating of a house's inverter: of its generated array, or of the most that it produces."""
    generated = scenario.profiles.source == "generated" and scenario.trader(house).pv_kw is None
    most_kw = float(pv_kw.max(initial=0.0))
    rated_kw = scenario.profiles.pv_kw if generated and most_kw > 0 else most_kw
    return rated_kw * scenario.control.inverter_kva_per_kw


def bulk_consumers_of(
    scenario: Scenario, grid: Grid, profiles: Profiles, plugins: Plugins
) -> tuple[TraderPlan, ...]:
    """The published loads as traders, if the scenario lets them bid; else none."""
    if not scenario.feeder.spot_loads.bid:
        return ()
    plans = []
    for i, load in enumerate(grid.spot_loads):
        load_kw = load.p_kw * profiles.spot_scale
        errors = rng_of(scenario.seed, Purpose.BULK_FORECASTS, i)
        error = scenario.profiles.forecast_error
        plans.append(
            TraderPlan(
                name=load.name,
                forecaster=_forecaster(scenario, load_kw, np.zeros_like(load_kw), error, errors)
                if plugins.forecaster is None
                else maker("forecaster", plugins.forecaster)(),
                strategy=_strategy(scenario, scenario.market.bulk_strategy)
                if plugins.strategy is None
                else maker("strategy", plugins.strategy)(),
                rng=rng_of(scenario.seed, Purpose.BULK_STRATEGIES, i),
            )
        )
    return tuple(plans)


def _forecaster(
    scenario: Scenario,
    load_kw: FloatArray,
    pv_kw: FloatArray,
    error: float,
    errors: np.random.Generator,
) -> Forecaster:
    """Of one trader. errors: draws how far the noisy truth strays."""
    name = scenario.profiles.forecaster
    if name == "persistence":
        return Persistence()
    if name == "seasonal_naive":
        return SeasonalNaive()
    if name == "boosted":
        return Boosted()
    if name in ("noisy_truth", "perfect"):
        return NoisyTruth(load_kw, pv_kw, error if name == "noisy_truth" else 0.0, errors)
    forecaster: Forecaster = make_plugin("forecaster", name)
    return forecaster


def _strategy(scenario: Scenario, name: str, house: str | None = None) -> Strategy:
    if name in _PLAIN:
        return _PLAIN[name]()
    if name == "predictive":
        return Predictive(scenario.clock.interval_min * 60)
    if name == "self_consumption":
        reserve = None if house is None else scenario.trader(house).reserve_share
        return SelfConsumption() if reserve is None else SelfConsumption(reserve)
    if name == "fixed" and house is not None:
        own, tariff = scenario.trader(house), scenario.tariff
        return FixedPrice(
            tariff.price_wei_per_wh(_given(own.bid_eur_per_kwh)),
            tariff.price_wei_per_wh(_given(own.ask_eur_per_kwh)),
        )
    strategy: Strategy = make_plugin("strategy", name)
    return strategy


def _given(value: Any) -> Any:
    """A value that the scenario's checks guarantee to be there."""
    assert value is not None  # noqa: S101 (see the docstring)
    return value
