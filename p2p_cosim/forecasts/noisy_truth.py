"""The truth, with an error: a forecaster that knows the future, for want of a real one."""

from __future__ import annotations

import numpy as np

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.types import Expected, FloatArray, ForecastView


class NoisyTruth(Brief):
    """Load and PV as they will be, times one error an interval.

    load_kw, pv_kw: shape (ticks,). error: standard deviation of the relative error, independent
    from interval to interval and the same for load and PV. All errors are drawn at once, so that
    they depend on nothing that happens in a run.
    """

    def __init__(
        self, load_kw: FloatArray, pv_kw: FloatArray, error: float, rng: np.random.Generator
    ) -> None:
        self.errors: FloatArray = error * rng.standard_normal(len(load_kw))
        self._load_kw, self._pv_kw = load_kw, pv_kw

    def expect(self, view: ForecastView) -> Expected:
        """The truth of the coming intervals times 1 plus their errors."""
        coming = slice(view.tick, view.tick + view.horizon)
        factor = 1.0 + self.errors[coming]
        return Expected(self._load_kw[coming] * factor, self._pv_kw[coming] * factor)
