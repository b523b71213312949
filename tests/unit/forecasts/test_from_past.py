"""Forecasts from the past alone."""

from datetime import datetime

import numpy as np

from p2p_cosim.core.types import ForecastView
from p2p_cosim.forecasts import Persistence, SeasonalNaive
from p2p_cosim.testing import check_forecaster

PAST_KW = np.arange(30.0)


def view(past_kw, horizon=3):
    tick = len(past_kw)
    return ForecastView("h", tick, datetime(2024, 6, 21), 3600, past_kw, past_kw / 2, horizon)


def test_conform():
    check_forecaster(Persistence)
    check_forecaster(SeasonalNaive)


def test_the_last_interval_is_held():
    expected = Persistence().expect(view(PAST_KW))
    assert expected.load_kw.tolist() == [29.0] * 3
    assert expected.pv_kw.tolist() == [14.5] * 3
    assert Persistence().expect(view(PAST_KW[:0])).load_kw.tolist() == [0.0] * 3


def test_every_hour_is_as_the_day_before_however_far_ahead():
    assert SeasonalNaive().expect(view(PAST_KW)).load_kw.tolist() == [6.0, 7.0, 8.0]
    far = SeasonalNaive().expect(view(PAST_KW, 26)).load_kw
    assert far[24:].tolist() == [6.0, 7.0]
    assert SeasonalNaive().expect(view(PAST_KW[:5])).load_kw.tolist() == [4.0] * 3
