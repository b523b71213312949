from datetime import datetime

import numpy as np
import pytest

from p2p_cosim.core.types import ForecastView
from p2p_cosim.forecasts import History, NoisyTruth


def view(tick, horizon=1):
    past = np.zeros(tick)
    return ForecastView("house_1", tick, datetime(2026, 6, 21), 900, past, past, horizon)


def test_the_forecast_errs_with_the_given_spread_and_the_same_way_for_load_and_pv():
    load_kw, pv_kw = np.full(20_000, 4.0), np.full(20_000, 1.0)
    expected = NoisyTruth(load_kw, pv_kw, 0.1, np.random.default_rng(5)).expect(view(0, 20_000))
    assert expected.load_kw.mean() == pytest.approx(4.0, abs=0.01)
    assert expected.load_kw.std() == pytest.approx(0.4, rel=0.02)
    np.testing.assert_allclose(expected.pv_kw * 4, expected.load_kw)


def test_asked_in_any_order_it_says_the_same():
    load_kw = np.arange(1.0, 9.0)
    forward = NoisyTruth(load_kw, load_kw / 2, 0.3, np.random.default_rng(5))
    backward = NoisyTruth(load_kw, load_kw / 2, 0.3, np.random.default_rng(5))
    said = [forward.expect(view(tick)).load_kw[0] for tick in range(8)]
    assert [backward.expect(view(tick)).load_kw[0] for tick in range(7, -1, -1)] == said[::-1]
    assert backward.expect(view(0, 8)).load_kw.tolist() == said


def test_without_error_it_is_the_truth():
    load_kw = np.array([0.1, 0.7])
    expected = NoisyTruth(load_kw, load_kw, 0.0, np.random.default_rng(5)).expect(view(0, 2))
    assert expected.load_kw.tolist() == load_kw.tolist()


def test_a_history_grows_beyond_its_first_room():
    history = History()
    for tick in range(300):
        history.add(tick, -tick)
    assert history.load_kw.tolist() == list(range(300))
    assert history.pv_kw.tolist() == [-tick for tick in range(300)]
