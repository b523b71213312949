"""The load of houses in a weather, with the mean that the scenario asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from p2p_cosim.core.types import FloatArray
from p2p_cosim.scenario.profiles.homes import climate, use
from p2p_cosim.scenario.profiles.homes.park import Home, draw_home
from p2p_cosim.scenario.profiles.homes.table import BASE_KW
from p2p_cosim.scenario.profiles.rngs import HOUSES, LOAD, PARK, rng_at
from p2p_cosim.scenario.profiles.timebase import tick_edges_h
from p2p_cosim.scenario.profiles.weather import Weather
from p2p_cosim.scenario.profiles.weather.air import season_of_year_c
from p2p_cosim.scenario.profiles.weather.days import ANOMALY_SD_K

_DIURNAL_SD_K = 4.0  # of the temperature that a house feels, round its day's mean
_SUN_ON_AVERAGE_K = 2.3  # by which the sun raises it over the year
_LEAST_SCALE = 0.2  # however much a house needs for its climate, its people use something


@dataclass(frozen=True, slots=True)
class Homes:
    """What the houses of a scenario have in common.

    load_kwh_per_day: mean of all houses over a year. cooled_share, heated_share: of houses with
    electric cooling and heating. loss_w_per_k: of a mean house.
    """

    load_kwh_per_day: float
    cooled_share: float
    heated_share: float
    loss_w_per_k: float


def house_load_kw(
    homes: Homes,
    house: int,
    weather: Weather,
    sun_w_per_m2: FloatArray,
    seed: np.random.SeedSequence,
) -> FloatArray:
    """Shape (ticks,): mean consumption of a house in each tick in kW.

    sun_w_per_m2: shape (cells,), on a horizontal plane. Days draw from seeds of their own.
    """
    cells = weather.cells
    home = draw_home(
        rng_at(seed, HOUSES, house, PARK),
        homes.cooled_share,
        homes.heated_share,
        homes.loss_w_per_k,
    )
    scale = _scale(homes, home, weather)
    dates = [cells.first - timedelta(days=1), *cells.dates]
    dark = _darkness(dates, weather.climate.latitude_deg)
    rngs = [rng_at(seed, HOUSES, house, LOAD, day.toordinal()) for day in dates]
    days = list(enumerate(dates, start=-1))
    edges_h = tick_edges_h(cells.clock)
    used_kw = use.appliances_kw(home, scale, days, dark, rngs, edges_h)
    felt = climate.felt_c(weather.temperature_c, sun_w_per_m2)
    empty = use.away(home, cells.dates, cells.hour)
    kept_kw = climate.hvac_kw(home, felt, weather.temperature_c, cells.hour, empty)
    return BASE_KW * scale + used_kw + cells.ticks(kept_kw)


def _scale(homes: Homes, home: Home, weather: Weather) -> float:
    """By how much base load and starts differ from the table's, so that the mean comes out."""
    where = weather.climate
    season = season_of_year_c(
        where.mean_temperature_c, where.temperature_swing_k, where.latitude_deg
    )
    sd_k = float(np.hypot(ANOMALY_SD_K, _DIURNAL_SD_K))
    climate_kwh = climate.expected_kwh_per_day(home, season + _SUN_ON_AVERAGE_K, sd_k)
    table_kwh = BASE_KW * 24 + use.expected_kwh_per_day(home)
    wanted_kwh = home.size * homes.load_kwh_per_day - climate_kwh
    return max(wanted_kwh / table_kwh, _LEAST_SCALE)


def _darkness(dates: list[date], latitude_deg: float) -> list[float]:
    """By day: 1 at midwinter, -1 at midsummer."""
    sign = 1.0 if latitude_deg >= 0 else -1.0
    return [
        sign * float(np.cos(2 * np.pi * (day.timetuple().tm_yday - 355) / 365.25)) for day in dates
    ]
