"""A detector's feeder model gets a forecast of the published loads, never their curve."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import p2p_cosim as p2p
from p2p_cosim.compose.faults import detector_of
from p2p_cosim.compose.grid import grid_of
from p2p_cosim.compose.plugins import Plugins
from p2p_cosim.core.types import MeterView

DAY = {
    "name": "forecast",
    "seed": 4,
    "feeder": {"spot_loads": {"profile": "daily"}},
    "faults": {"detector": "energy_balance"},
}
TRUE = 0.4 + 0.2 * np.sin(np.arange(96) / 15.0)


def expected(changes: dict[str, object] | None = None) -> np.ndarray:
    """What the twin expects, tick by tick."""
    scenario = p2p.Scenario.model_validate(DAY).replace(changes or {})
    twin = detector_of(scenario, Plugins(), grid_of(scenario, regcontrol=False), TRUE).twin
    nothing = np.full(30, np.nan)
    return np.array(
        [twin.scale(MeterView(tick, (), nothing, nothing, nothing)) for tick in range(96)]
    )


def test_the_forecast_errs_as_much_as_the_scenario_says():
    errors = np.array([expected({"seed": seed}) / TRUE - 1 for seed in range(12)])
    assert (errors != 0).all()
    # 3 % in common, and 2 % each by itself over fifteen loads.
    assert errors.std() == pytest.approx(np.hypot(0.03, 0.02 / np.sqrt(15)), rel=0.25)
    lag = (errors[:, 1:] * errors[:, :-1]).mean() / (errors**2).mean()
    assert 0.8 < lag < 0.97


def test_it_is_the_seeds_and_exact_only_where_that_is_asked_for():
    assert np.array_equal(expected(), expected())
    exact = {"faults.load_forecast.common": 0.0, "faults.load_forecast.own": 0.0}
    assert expected(exact) == pytest.approx(TRUE)


def test_a_learned_detector_says_where_it_was_not_trained():
    away = {"houses": {"count": 12}, "clock": {"interval_min": 5}}
    scenario = p2p.Scenario.model_validate({**DAY, **away, "faults": {"detector": "learned"}})
    with pytest.warns(UserWarning, match=r"30 houses \(here 12\).*15 minutes \(here 5\)"):
        detector_of(scenario, Plugins(), grid_of(scenario, regcontrol=False), TRUE)
    home = p2p.Scenario.model_validate({**DAY, "faults": {"detector": "learned"}})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        detector_of(home, Plugins(), grid_of(home, regcontrol=False), TRUE)
