"""Load and PV of all houses under one weather."""

from __future__ import annotations

import numpy as np

from p2p_cosim.core.types import FloatArray
from p2p_cosim.scenario.profiles.homes import Homes, house_load_kw
from p2p_cosim.scenario.profiles.owners import pv_houses
from p2p_cosim.scenario.profiles.rngs import ARRAY, HOUSES, rng_at
from p2p_cosim.scenario.profiles.weather import Climate, weather_of
from p2p_cosim.scenario.profiles.weather.arrays import Array, Sun
from p2p_cosim.scenario.profiles.weather.cells import Cells
from p2p_cosim.scenario.schema import Scenario

_TILT_DEG, _TILT_SD_DEG, _FLATTEST_DEG, _STEEPEST_DEG = 28.0, 9.0, 5.0, 55.0
_SIDES = ((0.0, 0.6), (-90.0, 0.2), (90.0, 0.2))
"""Azimuth from the equator in degrees, and share of roofs: most face it, some east and west.
Chosen; no survey is behind it."""
_AZIMUTH_SD_DEG = 15.0


def load_and_pv_kw(
    scenario: Scenario, seed: np.random.SeedSequence
) -> tuple[FloatArray, FloatArray]:
    """Consumption and production in kW, both of shape (ticks, houses)."""
    profiles, clock, count = scenario.profiles, scenario.clock.clock(), scenario.houses.count
    climate = Climate(
        profiles.latitude_deg,
        profiles.cloudiness,
        profiles.mean_temperature_c,
        profiles.temperature_swing_k,
    )
    weather = weather_of(Cells.of(clock), climate, seed)
    sun = Sun(weather)
    homes = Homes(
        profiles.load_kwh_per_day,
        profiles.cooled_share,
        profiles.heated_share,
        profiles.loss_w_per_k,
    )
    sun_w_per_m2 = sun.clear_w_per_m2 * weather.sky.over_region()
    load_kw = np.column_stack(
        [house_load_kw(homes, house, weather, sun_w_per_m2, seed) for house in range(count)]
    )
    pv_kw = np.zeros((clock.ticks, count))
    for house in pv_houses(count, profiles.pv_share, seed):
        array = draw_array(
            rng_at(seed, HOUSES, house, ARRAY),
            profiles.latitude_deg,
            profiles.pv_kw,
            profiles.dc_per_ac,
            1 - profiles.pv_performance_ratio,
        )
        pv_kw[:, house] = weather.cells.ticks(sun.ac_kw(array, weather.sky.over_house(house)))
    return load_kw, pv_kw


def draw_array(
    rng: np.random.Generator,
    latitude_deg: float,
    dc_kw: float,
    dc_per_ac: float,
    system_loss: float,
) -> Array:
    """The array on a house's roof."""
    tilt = np.clip(_TILT_DEG + _TILT_SD_DEG * rng.standard_normal(), _FLATTEST_DEG, _STEEPEST_DEG)
    side = rng.choice([side for side, _ in _SIDES], p=[share for _, share in _SIDES])
    equator_deg = 180.0 if latitude_deg >= 0 else 0.0
    azimuth = (equator_deg + side + _AZIMUTH_SD_DEG * rng.standard_normal()) % 360
    return Array(float(tilt), float(azimuth), dc_kw, dc_kw / dc_per_ac, system_loss)
