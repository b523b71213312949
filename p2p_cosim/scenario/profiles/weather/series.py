"""The weather of a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from p2p_cosim.core.types import FloatArray
from p2p_cosim.scenario.profiles.rngs import DAYS, REGION, TEMPERATURE, rng_at
from p2p_cosim.scenario.profiles.weather.air import season_c, temperature_c
from p2p_cosim.scenario.profiles.weather.cells import Cells
from p2p_cosim.scenario.profiles.weather.days import anomaly_of_days, cloudiness_of_days
from p2p_cosim.scenario.profiles.weather.sky import Sky


@dataclass(frozen=True, slots=True)
class Climate:
    """Where the scenario lies.

    cloudiness: mean share of the sky under cloud. mean_temperature_c: of the year;
    temperature_swing_k: of the warmest day above it.
    """

    latitude_deg: float
    cloudiness: float
    mean_temperature_c: float
    temperature_swing_k: float


@dataclass(frozen=True, slots=True, eq=False)
class Weather:
    """What all houses share. Arrays have shape (cells,).

    temperature_c: of the air. sky: its clearness, over the region and over each house.
    cloudiness: shape (days,), share of each day's sky under cloud.
    """

    cells: Cells
    climate: Climate
    temperature_c: FloatArray
    sky: Sky
    cloudiness: FloatArray


def weather_of(cells: Cells, climate: Climate, seed: np.random.SeedSequence) -> Weather:
    """The weather of a run's days; the same date has the same weather whenever a run begins.

    seed: of the profiles; the weather hangs on its region alone and on no house.
    """
    dates = cells.dates
    midnights = [*dates, cells.first + timedelta(days=cells.days)]
    cloudiness = cloudiness_of_days(dates, climate.cloudiness, rng_at(seed, REGION, DAYS))
    anomaly_k = anomaly_of_days(midnights, rng_at(seed, REGION, TEMPERATURE))
    season = season_c(
        midnights, climate.mean_temperature_c, climate.temperature_swing_k, climate.latitude_deg
    )
    return Weather(
        cells=cells,
        climate=climate,
        temperature_c=temperature_c(cells, season + anomaly_k, cloudiness),
        sky=Sky(dates, cloudiness, seed),
        cloudiness=cloudiness,
    )
