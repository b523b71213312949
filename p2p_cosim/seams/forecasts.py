"""A forecast of a forecaster: a right one passes in a few comparisons."""

from __future__ import annotations

from math import isfinite

import numpy as np

from p2p_cosim.core.types import Expected, ForecastView
from p2p_cosim.seams.report import Report, Source


def checked_expected(source: Source, returned: object, view: ForecastView) -> Expected:
    """The forecast that a forecaster returned when it saw this view.

    Raises PluginError for what is no `Expected`, and for arrays that have not the shape
    (horizon,) or hold what is no finite number.
    """
    shape = (view.horizon,)
    if type(returned) is Expected and all(
        type(means_kw) is np.ndarray
        and means_kw.dtype == np.float64
        and means_kw.shape == shape
        and all(map(isfinite, means_kw.tolist()))
        for means_kw in (returned.load_kw, returned.pv_kw)
    ):
        return returned
    report = Report(source)
    load_kw = pv_kw = np.zeros(shape)
    if isinstance(returned, Expected):
        load_kw = report.array("load_kw", returned.load_kw, "kW", shape, gaps=False)
        pv_kw = report.array("pv_kw", returned.pv_kw, "kW", shape, gaps=False)
    else:
        report.add("", returned, "a p2p_cosim.Expected(load_kw, pv_kw)")
    report.close()
    return Expected(load_kw, pv_kw)
