import numpy as np
import pytest

from p2p_cosim.core.errors import DivergenceError, GridError
from p2p_cosim.core.protocols import GridModel
from p2p_cosim.core.types import Fault, Injections, TapMove
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.houses import HousePlan
from p2p_cosim.grid.model import FeederModel, ModelError
from p2p_cosim.grid.opendss import OpenDSSGrid

HOUSES = 12
PLAN = HousePlan(HOUSES, ("652.A", "611.C", "675.B"))
KVAR = np.full(HOUSES, 0.1)


def grid_at(p_kw, **options):
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(4, 4, 4), **options), PLAN)
    grid.dispatch(Injections(np.full(HOUSES, p_kw), KVAR, 0.8))
    grid.solve()
    return grid


def test_sensitivities_predict_small_changes():
    grid = grid_at(1.0)
    model: GridModel = FeederModel(grid)
    before = grid.solve().house_v_pu
    found = model.sensitivities()
    assert found.dv_dp.shape == (HOUSES, HOUSES)
    assert found.dv_dtap.shape == (HOUSES, 3)
    p_kw = 1.0 + np.random.default_rng(3).normal(0, 1, HOUSES)
    grid.dispatch(Injections(p_kw, KVAR, 0.8))
    grid.set_tap(TapMove("reg_b", 2, "test"))
    expected = before + found.dv_dp @ (p_kw - 1.0) + found.dv_dtap @ [0, -2, 0]
    assert grid.solve().house_v_pu == pytest.approx(expected, abs=1e-4)
    assert (np.diag(found.dv_dp) < -5e-4).all()  # drawing lowers one's own voltage


def test_a_trial_is_what_a_solve_gives():
    grid = grid_at(1.0)
    model = FeederModel(grid)
    p_kw = np.linspace(-7, 3, HOUSES)
    tried = model.trial(p_kw, KVAR, {"reg_b": -2, "reg_a": 4, "reg_c": 5})
    grid.dispatch(Injections(p_kw, KVAR, 0.8))
    grid.set_tap(TapMove("reg_b", -2, "test"))
    grid.set_tap(TapMove("reg_c", 5, "test"))
    assert tried == pytest.approx(grid.solve().house_v_pu, abs=1e-8)


@pytest.mark.parametrize("outage", [False, True])
def test_nothing_leaves_a_trace(outage):
    grid = grid_at(-6.0)
    if outage:
        grid.apply(Fault("house_outage", "house_2", 0, 1))
    before = grid.solve()
    model = FeederModel(grid)
    model.sensitivities()
    model.trial(np.full(HOUSES, 4.0), KVAR, {"reg_a": -16})
    with pytest.raises(DivergenceError):
        model.trial(np.full(HOUSES, 1e4), KVAR, {"reg_a": 16})
    assert grid.taps == {"reg_a": 4, "reg_b": 4, "reg_c": 4}
    after = grid.solve()
    assert after.house_v_pu == pytest.approx(before.house_v_pu, abs=1e-8)
    assert after.house_p_kw == pytest.approx(before.house_p_kw, abs=1e-5)


def test_sensitivities_are_found_anew_when_taps_or_topology_change_and_only_then():
    grid = grid_at(1.0)
    model = FeederModel(grid)
    first = model.sensitivities()
    grid.dispatch(Injections(np.full(HOUSES, 2.0), KVAR))
    grid.solve()
    assert model.sensitivities() is first
    grid.set_tap(TapMove("reg_b", 5, "test"))
    moved = model.sensitivities()
    assert moved is not first
    grid.apply(Fault("house_outage", "house_1", 0, 1))
    dark = model.sensitivities()
    assert dark is not moved
    assert not dark.dv_dp[0].any()
    assert np.abs(dark.dv_dp[:, 0]).max() < 1e-7  # solver tolerance


def test_a_dark_house_stays_dark_in_trials():
    grid = grid_at(1.0)
    grid.apply(Fault("house_outage", "house_1", 0, 1))
    assert FeederModel(grid).trial(np.full(HOUSES, -5.0), KVAR, {})[0] == 0


def test_at_the_upper_end_the_difference_goes_down():
    grid = grid_at(1.0)
    grid.set_tap(TapMove("reg_a", 16, "test"))
    assert (FeederModel(grid).sensitivities().dv_dtap[:4, 0] > 0.005).all()


def test_where_regcontrols_own_the_taps_nobody_else_moves_or_tries():
    grid = grid_at(1.0, regcontrol=True)
    with pytest.raises(GridError, match="moved by its own RegControl"):
        grid.set_tap(TapMove("reg_a", 3, "test"))
    with pytest.raises(GridError, match="RegControls would move the taps"):
        FeederModel(grid).trial(np.ones(HOUSES), KVAR, {})


def test_regcontrols_settle_within_a_solve_as_they_did_at_the_start():
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(0, 0, 0), regcontrol=True), PLAN)
    grid.dispatch(Injections(np.ones(HOUSES), KVAR))
    state = grid.solve()
    settled = OpenDSSGrid.build("ieee13", FeederOptions(), PLAN)
    assert state.taps == tuple(grid.taps.values()) == tuple(settled.taps.values())
    grid.dispatch(Injections(np.ones(HOUSES), KVAR, 0.3))
    assert max(grid.solve().taps) < max(state.taps)  # less load, less drop to make up for


def test_a_wrong_model_errs_and_leaves_no_trace():
    grid = grid_at(-6.0)
    before = grid.solve()
    error = ModelError.drawn(grid, 0.2, np.random.default_rng(1))
    assert error.lines.std() == pytest.approx(0.2, rel=0.4)
    wrong, right = FeederModel(grid, error), FeederModel(grid)
    p_kw = np.full(HOUSES, 2.0)
    tried = [model.trial(p_kw, KVAR, {}) for model in (wrong, right)]
    assert 1e-4 < np.abs(tried[0] - tried[1]).max() < 0.05
    ratio = np.diag(wrong.sensitivities().dv_dp) / np.diag(right.sensitivities().dv_dp)
    assert np.abs(ratio - 1).max() > 0.02
    after = grid.solve()
    assert after.house_v_pu == pytest.approx(before.house_v_pu, abs=1e-8)
    assert after.spot_p_kw == pytest.approx(before.spot_p_kw, rel=1e-7)


def test_a_wrong_model_without_errors_is_right():
    grid = grid_at(1.0)
    none = ModelError.drawn(grid, 0.0, np.random.default_rng(1))
    p_kw = np.full(HOUSES, 2.0)
    tried = [FeederModel(grid, error).trial(p_kw, KVAR, {}) for error in (none, None)]
    assert tried[0] == pytest.approx(tried[1], abs=1e-8)
