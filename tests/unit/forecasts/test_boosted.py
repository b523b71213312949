"""Gradient boosting on the past, and on nothing but the past."""

from datetime import datetime

import numpy as np
import pytest

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import ForecastView
from p2p_cosim.forecasts import Boosted, SeasonalNaive
from p2p_cosim.forecasts.boosted import examples, features, first_kw
from p2p_cosim.testing import check_forecaster

A_DAY = 24
DAYS = 14
HOURS = np.arange(DAYS * A_DAY)
WAVE_KW = 2.0 + np.sin(2 * np.pi * HOURS / A_DAY)
NOISY_KW = WAVE_KW + np.random.default_rng(0).normal(0, 0.3, len(HOURS))


def view(past_kw, horizon=1):
    return ForecastView("h", len(past_kw), datetime(2024, 6, 21), 3600, past_kw, past_kw, horizon)


def test_conform():
    check_forecaster(Boosted)


def test_the_future_changes_no_forecast_and_no_example():
    cut = 7 * A_DAY + 5
    other_kw = np.where(np.arange(len(HOURS)) < cut, NOISY_KW, 99.0)
    one, two = Boosted(trees=10), Boosted(trees=10)
    for tick in (*range(cut - 8, cut, 3), cut):
        # A view of an array that goes on: the past is a slice of it, as in a run.
        mine, yours = one.expect(view(NOISY_KW[:tick], 30)), two.expect(view(other_kw[:tick], 30))
        assert mine.load_kw.tolist() == yours.load_kw.tolist()
    table, target, left = examples(NOISY_KW[:cut], A_DAY)
    assert np.isfinite(table).all()
    came_kw = target + first_kw(table, left)
    assert set(np.round(came_kw, 9)) <= set(np.round(NOISY_KW[:cut], 9))


def test_features_of_a_forecast_read_nothing_from_its_origin_on():
    origin, ahead = np.full(60, 5 * A_DAY + 3), np.arange(60)
    past_kw = NOISY_KW.copy()
    before = features(past_kw, origin, ahead, A_DAY)
    past_kw[origin[0] :] = np.nan
    known = features(past_kw, origin, ahead, A_DAY)
    assert np.array_equal(before, known)
    assert np.isfinite(known).all()


def test_what_is_learned_beats_the_day_before():
    found = {"boosted": Boosted(), "naive": SeasonalNaive()}
    errors = {name: [] for name in found}
    for tick in range(8 * A_DAY, DAYS * A_DAY):
        for name, forecaster in found.items():
            expected = forecaster.expect(view(NOISY_KW[:tick])).load_kw[0]
            errors[name].append(abs(expected - NOISY_KW[tick]))
    assert np.mean(errors["boosted"]) < 0.9 * np.mean(errors["naive"])


def test_quantiles_ascend_and_hold_about_their_share():
    forecaster, below = Boosted(), []
    for tick in range(6 * A_DAY, DAYS * A_DAY, 2):
        load_kw = forecaster.quantiles(view(NOISY_KW[:tick]), (0.1, 0.5, 0.9))["load"][:, 0]
        assert (np.diff(load_kw) >= 0).all()
        below.append(NOISY_KW[tick] < load_kw)
    low, _, high = np.mean(below, axis=0)
    assert low < 0.4
    assert high > 0.6


def test_without_scikit_learn_the_remedy_is_told(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    with pytest.raises(InputError, match=r"p2p-cosim\[detect\]"):
        Boosted()


def test_too_little_to_learn_from_is_refused():
    with pytest.raises(InputError, match="got days 1 and trees 0: it learns from at least 2 days"):
        Boosted(days=1, trees=0)


def test_what_strays_for_long_is_followed():
    """Strays from the usual last for hours, and so do those that are expected."""
    rng = np.random.default_rng(1)
    slow = np.zeros(len(HOURS))
    for i in range(1, len(slow)):
        slow[i] = 0.95 * slow[i - 1] + rng.normal(0, 0.1)
    past_kw = WAVE_KW + 1.0 + slow
    forecaster, near, usual = Boosted(), [], []
    for tick in range(8 * A_DAY, DAYS * A_DAY):
        near.append(abs(forecaster.expect(view(past_kw[:tick])).load_kw[0] - past_kw[tick]))
        usual.append(abs(SeasonalNaive().expect(view(past_kw[:tick])).load_kw[0] - past_kw[tick]))
    assert np.mean(near) < 0.6 * np.mean(usual)
