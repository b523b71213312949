"""How cloudy and how warm each day of the calendar is.

A day has a memory of the day before: weather systems take days to pass. Its two numbers
belong to the date, so that a run that begins later meets the same weather.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from scipy.special import betaincinv, ndtr

from p2p_cosim.core.types import FloatArray

CLOUD_MEMORY = 0.55
"""Lag-1 correlation of the latent cloudiness of days. The daily energy of a PV array then has
0.3 to 0.4, as measured (docs/profiles.md)."""
CLOUD_CONCENTRATION = 0.7
"""Of the beta distribution of a day's cloudiness: near 1 there are many clear days, many closed
ones, and not much between, as in every record of daily clearness."""
ANOMALY_MEMORY = 0.7
ANOMALY_SD_K = 3.5
"""How far a day's mean temperature is from the season's, and its lag-1 correlation: typical
of mid-latitudes."""


def cloudiness_of_days(
    dates: Sequence[date], mean_cloudiness: float, rng: np.random.Generator
) -> FloatArray:
    """Shape (days,): share of each day's sky under cloud, from 0 to 1.

    Its mean over many days is `mean_cloudiness`.
    """
    if mean_cloudiness in (0.0, 1.0):
        return np.full(len(dates), mean_cloudiness)
    rank = ndtr(_with_memory(dates, CLOUD_MEMORY, rng))
    a = mean_cloudiness * CLOUD_CONCENTRATION
    b = (1 - mean_cloudiness) * CLOUD_CONCENTRATION
    cloudiness: FloatArray = betaincinv(a, b, rank)
    return cloudiness


def anomaly_of_days(dates: Sequence[date], rng: np.random.Generator) -> FloatArray:
    """Shape (days,): daily mean temperature less that of the season, in kelvin."""
    anomaly: FloatArray = ANOMALY_SD_K * _with_memory(dates, ANOMALY_MEMORY, rng)
    return anomaly


def _with_memory(dates: Sequence[date], memory: float, rng: np.random.Generator) -> FloatArray:
    """A stationary AR(1) series of unit variance, drawn from the new year before the first date."""
    before = dates[0].timetuple().tm_yday - 1
    series = rng.standard_normal(before + len(dates))
    fresh = np.sqrt(1 - memory**2)
    for i in range(1, len(series)):
        series[i] = memory * series[i - 1] + fresh * series[i]
    return series[before:]
