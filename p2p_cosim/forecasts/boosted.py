"""Gradient boosting of quantiles on a trader's own past."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import Expected, FloatArray, ForecastView
from p2p_cosim.forecasts.from_past import repeated

_DAY_S = 24 * 3600
_MEDIAN = 0.5
_DAYS_OF_MEAN = 7
_NEAR = (0, 1, 2, 4)  # intervals ahead that are learned beside five even ones of the day


class Boosted(Brief):
    """Learns its own load and PV from all whole days before, anew at every midnight of the run.

    The usual of an interval is the mean of the last seven days at its time of day. What is first
    expected is the usual, and of how far the last interval was from its own the part that has, by
    the autocorrelation of the past, been left after as long. How far it then comes otherwise is
    learned: by a regression tree ensemble of each quantile (scikit-learn's
    HistGradientBoostingRegressor with the pinball loss; Friedman, Annals of Statistics 29 (2001)
    1189, doi:10.1214/aos/1013203451), on how far ahead it is, the time of its day, the day of the
    week of the run, the usual, and how far the last interval, the last four and the same interval
    a day before were from theirs. Trees are small and slow to learn, because the past is short and
    its noise would be learned else.

    In the first `days` days it expects what `SeasonalNaive` does, and so does it of what has always
    been 0. It knows what `ForecastView` holds, and nothing besides; it draws no random numbers.
    Needs the extra `detect`; raises InputError without it.

    days: whole days of the past that it must have, at least 2. trees: of each quantile.
    """

    def __init__(self, days: int = 3, trees: int = 60) -> None:
        if days < 2 or trees < 1:
            raise InputError(
                f"the forecaster boosted got days {days} and trees {trees}: it learns from at "
                "least 2 days, with at least 1 tree"
            )
        try:
            import sklearn.ensemble
            from threadpoolctl import ThreadpoolController
        except ImportError:
            raise InputError(
                "the forecaster boosted needs scikit-learn: pip install 'p2p-cosim[detect]', or "
                "write another profiles.forecaster"
            ) from None
        self._make = sklearn.ensemble.HistGradientBoostingRegressor
        self._threads = ThreadpoolController()  # one is fastest for so little
        self._days, self._trees = days, trees
        self._learned: dict[tuple[str, float], tuple[int, Any, FloatArray]] = {}

    def expect(self, view: ForecastView) -> Expected:
        """The medians."""
        found = self.quantiles(view, (_MEDIAN,))
        return Expected(found["load"][0], found["pv"][0])

    def quantiles(self, view: ForecastView, levels: tuple[float, ...]) -> Mapping[str, FloatArray]:
        """`load` and `pv`: shape (levels, horizon), in kW, at least 0 and in ascending order."""
        per_day = round(_DAY_S / view.interval_s)
        found: dict[str, FloatArray] = {}
        for name, past_kw in (("load", view.past_load_kw), ("pv", view.past_pv_kw)):
            rows = [self._of(name, past_kw, per_day, view, level) for level in levels]
            found[name] = np.maximum(np.sort(np.array(rows), axis=0), 0.0)
        return found

    def _of(
        self, name: str, past_kw: FloatArray, per_day: int, view: ForecastView, level: float
    ) -> FloatArray:
        known = len(past_kw) // per_day * per_day
        if known < self._days * per_day or not past_kw[:known].any():
            return repeated(past_kw, view.horizon, per_day)
        model, left = self._model(name, past_kw[:known], per_day, level)
        ahead = np.arange(view.horizon)
        table = features(past_kw, np.full(len(ahead), len(past_kw)), ahead, per_day)
        with self._threads.limit(limits=1):
            predicted: FloatArray = first_kw(table, left) + model.predict(table)
        return predicted

    def _model(
        self, name: str, past_kw: FloatArray, per_day: int, level: float
    ) -> tuple[Any, FloatArray]:
        trained = self._learned.get((name, level))
        if trained is None or trained[0] != len(past_kw):
            table, target, left = examples(past_kw, per_day)
            model = self._make(
                loss="quantile",
                quantile=level,
                learning_rate=0.05,
                max_iter=self._trees,
                max_leaf_nodes=4,
                min_samples_leaf=80,
                l2_regularization=1.0,
                early_stopping=False,
                random_state=0,
            )
            with self._threads.limit(limits=1):
                trained = len(past_kw), model.fit(table, target), left
            self._learned[name, level] = trained
        return trained[1], trained[2]


def examples(past_kw: FloatArray, per_day: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What is to be learned of whole days: features, shape (examples, 7); how far what came was
    from what is first expected, shape (examples,); and how much of a stray is left after one
    interval and more, shape (per_day,). Every forecast that could have been made after the
    first day, a few intervals and up to a day ahead, whose interval is in the past."""
    aheads = sorted({*_NEAR, *np.linspace(0, per_day - 1, 6).round().astype(int).tolist()})
    origins = np.arange(per_day + 1, len(past_kw))
    pairs = [(origins[origins + ahead < len(past_kw)], ahead) for ahead in aheads]
    origin = np.concatenate([some for some, _ in pairs])
    ahead = np.concatenate([np.full(len(some), far) for some, far in pairs])
    table = features(past_kw, origin, ahead, per_day)
    _, strays = _usual(past_kw, per_day)
    left = _left_after(strays, per_day)
    return table, past_kw[origin + ahead] - first_kw(table, left), left


def features(past_kw: FloatArray, origin: Any, ahead: Any, per_day: int) -> FloatArray:
    """Shape (forecasts, 7): what is known before interval `origin` of the one `ahead` later, which
    are of shape (forecasts,). Reads nothing of `origin` or after it; at least a day and an
    interval must lie before it."""
    target = origin + ahead
    before = target - per_day * (1 + ahead // per_day)
    usual, strays = _usual(past_kw[: int(origin.max())], per_day)
    sums = np.concatenate([[0.0], np.cumsum(strays)])
    last = origin - per_day  # in the count of strays
    few = np.minimum(last, 4)
    table = [
        ahead,
        target % per_day,
        target // per_day % 7,
        usual[before],
        strays[last - 1],
        (sums[last] - sums[last - few]) / few,
        past_kw[before] - usual[before],
    ]
    return np.column_stack(table).astype(float)


def first_kw(table: FloatArray, left: FloatArray) -> FloatArray:
    """What is first expected, shape (forecasts,): the usual, and what is left of the last stray."""
    ahead = table[:, 0].astype(int)
    share = np.where(ahead < len(left), left[np.minimum(ahead, len(left) - 1)], 0.0)
    expected: FloatArray = table[:, 3] + share * table[:, 4]
    return expected


def _usual(past_kw: FloatArray, per_day: int) -> tuple[FloatArray, FloatArray]:
    """Of every interval the mean of it and of those at its time on up to six days before; and of
    every interval from the second day on how far it was from that of the day before."""
    days = -(-len(past_kw) // per_day)
    by_day = np.zeros(days * per_day)
    by_day[: len(past_kw)] = past_kw
    sums = np.vstack([np.zeros(per_day), np.cumsum(by_day.reshape(days, per_day), axis=0)])
    first = np.maximum(np.arange(days) + 1 - _DAYS_OF_MEAN, 0)
    count = np.arange(days) + 1 - first
    means = ((sums[1:] - sums[first]) / count[:, None]).reshape(-1)[: len(past_kw)]
    return means, past_kw[per_day:] - means[: max(0, len(past_kw) - per_day)]


def _left_after(strays: FloatArray, per_day: int) -> FloatArray:
    """Autocorrelation at lags of 1 to `per_day` intervals, at least 0."""
    size = float(strays @ strays)
    lags = range(1, per_day + 1)
    found = [float(strays[lag:] @ strays[:-lag]) if lag < len(strays) else 0.0 for lag in lags]
    return np.clip(np.array(found) / size, 0.0, 1.0) if size > 0 else np.zeros(per_day)
