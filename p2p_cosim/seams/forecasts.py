"""A forecast of a forecaster."""

from __future__ import annotations

import numpy as np

from p2p_cosim.core.types import Expected, ForecastView
from p2p_cosim.seams.report import Report, Source


def checked_expected(source: Source, returned: object, view: ForecastView) -> Expected:
    """The forecast that a forecaster returned when it saw this view.

    Raises PluginError for what is no `Expected`, and for arrays that have not the shape
    (horizon,) or hold what is no finite number.
    """
    report = Report(source)
    shape = (view.horizon,)
    load_kw = pv_kw = np.zeros(shape)
    if isinstance(returned, Expected):
        load_kw = report.array("load_kw", returned.load_kw, "kW", shape, gaps=False)
        pv_kw = report.array("pv_kw", returned.pv_kw, "kW", shape, gaps=False)
    else:
        report.add("", returned, "a p2p_cosim.Expected(load_kw, pv_kw)")
    report.close()
    return Expected(load_kw, pv_kw)
