"""What the past alone lets expect: the usual benchmarks of forecasting.

Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 5.2.
"""

from __future__ import annotations

import numpy as np

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.types import Expected, FloatArray, ForecastView

_DAY_S = 24 * 3600


class Persistence(Brief):
    """All coming intervals will be like the last; before the first, nothing is expected."""

    def expect(self, view: ForecastView) -> Expected:
        """The newest means, held."""
        return Expected(
            _held(view.past_load_kw, view.horizon), _held(view.past_pv_kw, view.horizon)
        )


class SeasonalNaive(Brief):
    """Every interval will be like the same one a day before; on the first day, like the last."""

    def expect(self, view: ForecastView) -> Expected:
        """The means of the same hours of the last whole day."""
        per_day = round(_DAY_S / view.interval_s)
        return Expected(
            repeated(view.past_load_kw, view.horizon, per_day),
            repeated(view.past_pv_kw, view.horizon, per_day),
        )


def _held(past_kw: FloatArray, horizon: int) -> FloatArray:
    # A measured load may come out a hair below 0; a forecast is none.
    return np.full(horizon, max(0.0, float(past_kw[-1])) if len(past_kw) else 0.0)


def repeated(past_kw: FloatArray, horizon: int, per_day: int) -> FloatArray:
    """The last whole day again and again, shape (horizon,); before there is one, the last mean."""
    if len(past_kw) < per_day:
        return _held(past_kw, horizon)
    day_kw = np.maximum(past_kw[-per_day:], 0.0)
    return np.resize(day_kw, horizon)
