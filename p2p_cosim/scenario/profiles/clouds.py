"""Cloud cover over the houses: one regional sky, and a little of its own over each house."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from p2p_cosim.core.types import FloatArray

STEP_MIN = 5
_CORRELATION_H = 1.0  # how long a patch of sky lasts; chosen, not measured
_REGIONAL_SHARE = 0.85  # of the variance: houses within a kilometre see almost the same sky
_SLOPE = 1.702  # logistic for the normal distribution function, wrong by less than 0.01


def cloud_cover(
    days: int,
    cloudiness: float,
    region: np.random.Generator,
    houses: Sequence[np.random.Generator],
) -> FloatArray:
    """Shape (knots, houses): cloud cover from 0 to 1, every STEP_MIN from the first midnight to
    the last; its mean over time is `cloudiness`.

    A Gaussian process with exponential memory (an Ornstein-Uhlenbeck process), shared but for
    a part of each house, is made uniform on 0..1 and bent by a power, u ** ((1 - c) / c),
    which has mean c. Draws are in order of time, so a longer run begins like a shorter one,
    and none depends on the other houses.
    """
    knots = days * 24 * 60 // STEP_MIN + 1
    if cloudiness in (0.0, 1.0):
        return np.full((knots, len(houses)), cloudiness)
    draws = np.column_stack([rng.standard_normal(knots) for rng in (region, *houses)])
    sky = _with_memory(draws)
    mixed = np.sqrt(_REGIONAL_SHARE) * sky[:, :1] + np.sqrt(1 - _REGIONAL_SHARE) * sky[:, 1:]
    uniform = 1 / (1 + np.exp(-_SLOPE * mixed))
    cover: FloatArray = uniform ** ((1 - cloudiness) / cloudiness)
    return cover


def _with_memory(draws: FloatArray) -> FloatArray:
    """Unit-variance AR(1) series down the columns."""
    keep = np.exp(-STEP_MIN / 60 / _CORRELATION_H)
    fresh = np.sqrt(1 - keep**2)
    series = draws.copy()
    for i in range(1, len(series)):
        series[i] = keep * series[i - 1] + fresh * draws[i]
    return series
