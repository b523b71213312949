"""The generator of version 0.1: clouds of an hour, no seasons, no weather that houses share."""

from __future__ import annotations

import numpy as np

from p2p_cosim.core.types import FloatArray
from p2p_cosim.scenario.profiles.clouds import STEP_MIN, cloud_cover
from p2p_cosim.scenario.profiles.household import household_load_kw
from p2p_cosim.scenario.profiles.owners import pv_houses
from p2p_cosim.scenario.profiles.rngs import HOUSES, LOAD, REGION, SKY, rng_at
from p2p_cosim.scenario.profiles.solar import clear_sky_w_per_m2, cloudy_share, cos_zenith
from p2p_cosim.scenario.profiles.timebase import days, sample_hours
from p2p_cosim.scenario.schema import Scenario


def load_kw(scenario: Scenario, seed: np.random.SeedSequence) -> FloatArray:
    """Shape (ticks, houses): consumption."""
    clock, mean = scenario.clock.clock(), scenario.profiles.load_kwh_per_day
    return np.column_stack(
        [
            household_load_kw(clock, mean, rng_at(seed, HOUSES, i, LOAD))
            for i in range(scenario.houses.count)
        ]
    )


def pv_kw(scenario: Scenario, seed: np.random.SeedSequence) -> FloatArray:
    """Shape (ticks, houses): production of horizontal arrays.

    Nothing stands for module temperature and angle but the performance ratio.
    """
    profiles, clock, count = scenario.profiles, scenario.clock.clock(), scenario.houses.count
    power_kw = np.zeros((clock.ticks, count))
    chosen = pv_houses(count, profiles.pv_share, seed)
    hours = sample_hours(clock, STEP_MIN)
    sun = clear_sky_w_per_m2(cos_zenith(clock.start, hours, profiles.latitude_deg)) / 1000
    skies = [rng_at(seed, HOUSES, i, SKY) for i in chosen]
    cover = cloud_cover(days(clock), profiles.cloudiness, rng_at(seed, REGION), skies)
    knots_h = np.arange(len(cover)) * STEP_MIN / 60
    for column, house in enumerate(chosen):
        share = cloudy_share(np.interp(hours, knots_h, cover[:, column]))
        power_kw[:, house] = (sun * share).mean(axis=1)
    scaled: FloatArray = power_kw * profiles.pv_kw * profiles.pv_performance_ratio
    return scaled
