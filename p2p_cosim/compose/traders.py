"""Who trades: households and bulk consumers with their strategies and generators."""

from __future__ import annotations

from typing import Any

import numpy as np

from p2p_cosim.agents import HouseholdPlan, TraderPlan
from p2p_cosim.compose.backup import (
    backup_strategy_of,
    battery_of,
    essential_share_of,
    tie_of,
)
from p2p_cosim.compose.plugins import Plugins, make_plugin
from p2p_cosim.core.protocols import Grid, Strategy
from p2p_cosim.core.types import FloatArray
from p2p_cosim.houses import Device, House, Inverter, Load, PVArray
from p2p_cosim.scenario import Profiles, Scenario
from p2p_cosim.strategies import FixedPrice, Truthful, ZeroIntelligence


def households_of(
    scenario: Scenario,
    grid: Grid,
    profiles: Profiles,
    seed: np.random.SeedSequence,
    plugins: Plugins,
) -> tuple[HouseholdPlan, ...]:
    """Every household, in the order of houses; each has a generator of its own."""
    plans = []
    names = scenario.house_names
    for i, (name, child) in enumerate(zip(names, seed.spawn(len(names)), strict=True)):
        own = scenario.trader(name)
        load_kw, pv_kw = profiles.load_kw[:, i], profiles.pv_kw[:, i]
        trader = TraderPlan(
            name=name,
            net_kw=load_kw - pv_kw,
            forecast_error=_given(own.forecast_error),
            strategy=plugins.strategy or _strategy(scenario, _given(own.strategy), name),
            rng=np.random.default_rng(child),
        )
        house = House(name, _devices(scenario, name, load_kw, pv_kw), tie_of(scenario, grid, name))
        plans.append(HouseholdPlan(trader, house, backup_strategy_of(scenario, name)))
    return tuple(plans)


def _devices(
    scenario: Scenario, house: str, load_kw: FloatArray, pv_kw: FloatArray
) -> list[Device]:
    """All that stands behind the meter of a house."""
    share = essential_share_of(scenario, house)
    devices: list[Device] = [Load(load_kw, scenario.profiles.kvar_per_kw, share)]
    if pv_kw.any():
        devices.append(Inverter(PVArray(pv_kw), _inverter_kva(scenario, house, pv_kw)))
    if battery := battery_of(scenario, house):
        devices.append(battery)
    return devices


def _inverter_kva(scenario: Scenario, house: str, pv_kw: FloatArray) -> float:
    """Rating of a house's inverter: of its generated array, or of the most that it produces."""
    generated = scenario.profiles.source == "generated" and scenario.trader(house).pv_kw is None
    most_kw = float(pv_kw.max(initial=0.0))
    rated_kw = scenario.profiles.pv_kw if generated and most_kw > 0 else most_kw
    return rated_kw * scenario.control.inverter_kva_per_kw


def bulk_consumers_of(
    scenario: Scenario,
    grid: Grid,
    profiles: Profiles,
    seed: np.random.SeedSequence,
    plugins: Plugins,
) -> tuple[TraderPlan, ...]:
    """The published loads as traders, if the scenario lets them bid; else none."""
    if not scenario.feeder.spot_loads.bid:
        return ()
    loads = grid.spot_loads
    return tuple(
        TraderPlan(
            name=load.name,
            net_kw=load.p_kw * profiles.spot_scale,
            forecast_error=scenario.profiles.forecast_error,
            strategy=plugins.strategy or _strategy(scenario, scenario.market.bulk_strategy),
            rng=np.random.default_rng(child),
        )
        for load, child in zip(loads, seed.spawn(len(loads)), strict=True)
    )


def _strategy(scenario: Scenario, name: str, house: str | None = None) -> Strategy:
    if name == "zic":
        return ZeroIntelligence()
    if name == "truthful":
        return Truthful()
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
