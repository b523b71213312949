"""Profiles of a scenario: generated or measured, then with each house's own values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.types import FloatArray
from p2p_cosim.scenario.profiles.clouds import STEP_MIN, cloud_cover
from p2p_cosim.scenario.profiles.household import household_load_kw
from p2p_cosim.scenario.profiles.measured import read_measured
from p2p_cosim.scenario.profiles.solar import clear_sky_w_per_m2, cloudy_share, cos_zenith
from p2p_cosim.scenario.profiles.spot import daily_scale
from p2p_cosim.scenario.profiles.timebase import days, sample_hours
from p2p_cosim.scenario.schema import Scenario

# Places in the tree of seeds. Changing one changes every generated profile.
_REGION, _HOUSES = 0, 1
_LOAD, _PV_RANK, _SKY = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """What happens behind the meters, whatever the market does. Arrays are read-only.

    load_kw, pv_kw: shape (ticks, houses), consumption and production, both positive, means
    over the tick. spot_scale: shape (ticks,), multiplies the published spot loads.
    """

    load_kw: FloatArray
    pv_kw: FloatArray
    spot_scale: FloatArray

    def __post_init__(self) -> None:
        for array in (self.load_kw, self.pv_kw, self.spot_scale):
            array.setflags(write=False)


def build_profiles(scenario: Scenario, seed: np.random.SeedSequence) -> Profiles:
    """The profiles of a scenario; the same scenario and seed give the same arrays.

    Each house draws from seeds of its own, so that its load and its sky do not change when
    there are more houses; more PV (`pv_share`) adds arrays and takes none away. `seed` is
    not spawned from, so it may be used again.

    Raises ScenarioError, with every problem found, for a CSV file that does not fit.
    """
    clock, spot = scenario.clock.clock(), scenario.feeder.spot_loads
    file = scenario.csv_file()
    if file is None:
        load_kw, pv_kw = _load_kw(scenario, seed), _pv_kw(scenario, seed)
    else:
        load_kw, pv_kw = read_measured(file, scenario.house_names, clock)
    for i, house in enumerate(scenario.house_names):
        own = scenario.trader(house)
        if own.load_kw is not None:
            load_kw[:, i] = own.load_kw
        if own.pv_kw is not None:
            pv_kw[:, i] = own.pv_kw
    shape = daily_scale(clock) if spot.profile == "daily" else np.ones(clock.ticks)
    return Profiles(load_kw, pv_kw, spot.scale * shape)


def pv_houses(count: int, pv_share: float, seed: np.random.SeedSequence) -> tuple[int, ...]:
    """Indices of the `round(pv_share * count)` houses that have PV, ascending.

    Every house draws a rank of its own, and the lowest ranks have PV.
    """
    ranks = [_rng(seed, _HOUSES, i, _PV_RANK).random() for i in range(count)]
    chosen = np.argsort(ranks, kind="stable")[: round(pv_share * count)]
    return tuple(sorted(int(i) for i in chosen))


def _load_kw(scenario: Scenario, seed: np.random.SeedSequence) -> FloatArray:
    clock, mean = scenario.clock.clock(), scenario.profiles.load_kwh_per_day
    return np.column_stack(
        [
            household_load_kw(clock, mean, _rng(seed, _HOUSES, i, _LOAD))
            for i in range(scenario.houses.count)
        ]
    )


def _pv_kw(scenario: Scenario, seed: np.random.SeedSequence) -> FloatArray:
    """Horizontal arrays; nothing for module temperature or angle but the performance ratio."""
    profiles, clock, count = scenario.profiles, scenario.clock.clock(), scenario.houses.count
    pv_kw = np.zeros((clock.ticks, count))
    chosen = pv_houses(count, profiles.pv_share, seed)
    hours = sample_hours(clock, STEP_MIN)
    sun = clear_sky_w_per_m2(cos_zenith(clock.start, hours, profiles.latitude_deg)) / 1000
    skies = [_rng(seed, _HOUSES, i, _SKY) for i in chosen]
    cover = cloud_cover(days(clock), profiles.cloudiness, _rng(seed, _REGION), skies)
    knots_h = np.arange(len(cover)) * STEP_MIN / 60
    for column, house in enumerate(chosen):
        share = cloudy_share(np.interp(hours, knots_h, cover[:, column]))
        pv_kw[:, house] = (sun * share).mean(axis=1)
    scaled: FloatArray = pv_kw * profiles.pv_kw * profiles.pv_performance_ratio
    return scaled


def _rng(seed: np.random.SeedSequence, *place: int) -> np.random.Generator:
    """The generator at a place in the tree below `seed`, as spawning would make it."""
    child = np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, *place))
    return np.random.default_rng(child)
