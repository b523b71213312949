"""The temperature of the air within a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from p2p_cosim.core.types import FloatArray
from p2p_cosim.scenario.profiles.weather.cells import CELLS_PER_DAY, Cells

_WARMEST_DAY, _WARMEST_HOUR = 200.0, 15.0  # of the year (north), and of the day
_DAYS_PER_YEAR = 365.25
_CLOSED_SKY_K, _CLEAR_SKY_K = 2.0, 6.5
"""Half the difference between the warmest and the coldest hour under a closed and under a
clear sky."""


def season_c(
    dates: Sequence[date], mean_c: float, swing_k: float, latitude_deg: float
) -> FloatArray:
    """Shape (days,): the season's mean temperature of each day.

    mean_c: of the year. swing_k: of the warmest day above it.
    """
    day = np.array([d.timetuple().tm_yday for d in dates], dtype=np.float64)
    return _season_c(day, mean_c, swing_k, latitude_deg)


def season_of_year_c(mean_c: float, swing_k: float, latitude_deg: float) -> FloatArray:
    """Shape (365,): the season's mean temperature of each day of a year."""
    return _season_c(np.arange(1.0, 366.0), mean_c, swing_k, latitude_deg)


def _season_c(day: FloatArray, mean_c: float, swing_k: float, latitude_deg: float) -> FloatArray:
    warmest = _WARMEST_DAY if latitude_deg >= 0 else _WARMEST_DAY - _DAYS_PER_YEAR / 2
    season: FloatArray = mean_c + swing_k * np.cos(2 * np.pi * (day - warmest) / _DAYS_PER_YEAR)
    return season


def temperature_c(cells: Cells, daily_c: FloatArray, cloudiness: FloatArray) -> FloatArray:
    """Shape (cells,): temperature; a cosine round each day's level, wider under a clear sky.

    daily_c: shape (days + 1,), level at each midnight, the last one included; between them it
    runs straight. cloudiness: shape (days,).
    """
    mean_c = np.interp(cells.hour, np.arange(cells.days + 1) * 24.0, daily_c)
    half_k = _CLEAR_SKY_K + (_CLOSED_SKY_K - _CLEAR_SKY_K) * cloudiness
    shape = np.cos(2 * np.pi * (cells.hour % 24 - _WARMEST_HOUR) / 24)
    temperature: FloatArray = mean_c + np.repeat(half_k, CELLS_PER_DAY) * shape
    return temperature
