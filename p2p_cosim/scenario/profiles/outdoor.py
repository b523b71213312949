"""The air outside, for devices that feel it."""

from __future__ import annotations

import numpy as np

from p2p_cosim.core.types import FloatArray
from p2p_cosim.scenario.profiles.weather import Climate, weather_of
from p2p_cosim.scenario.profiles.weather.air import season_c, temperature_c
from p2p_cosim.scenario.profiles.weather.cells import Cells
from p2p_cosim.scenario.schema import Scenario


def outdoor_c(scenario: Scenario, seed: np.random.SeedSequence) -> FloatArray:
    """Shape (ticks,): mean temperature of each tick.

    That of the weather which load and PV are made of. Without one (`profiles.model: simple`, or
    measured data) that of the season, with the daily swing of the scenario's cloudiness.
    """
    profiles, cells = scenario.profiles, Cells.of(scenario.clock.clock())
    climate = Climate(
        profiles.latitude_deg,
        profiles.cloudiness,
        profiles.mean_temperature_c,
        profiles.temperature_swing_k,
    )
    if profiles.source == "generated" and profiles.model == "weather":
        return cells.ticks(weather_of(cells, climate, seed).temperature_c)
    dates = [*cells.dates, cells.dates[-1]]
    season = season_c(
        dates, climate.mean_temperature_c, climate.temperature_swing_k, climate.latitude_deg
    )
    cloudiness = np.full(cells.days, climate.cloudiness)
    return cells.ticks(temperature_c(cells, season, cloudiness))
