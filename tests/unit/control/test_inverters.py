import numpy as np
import pytest

from p2p_cosim.control import (
    StandardVoltWatt,
    VoltageBand,
    VoltVar,
    VoltWatt,
    settle_inverters,
)
from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import GridState, Injections
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.houses import HousePlan
from p2p_cosim.grid.opendss import OpenDSSGrid


@pytest.mark.parametrize(
    ("v_pu", "q_pu"),
    [
        *((0.80, -0.44), (0.92, -0.44), (0.95, -0.22), (0.98, 0.0), (1.0, 0.0)),
        *((1.02, 0.0), (1.05, 0.22), (1.08, 0.44), (1.2, 0.44)),
    ],
)
def test_volt_var_is_category_b(v_pu, q_pu):
    one = np.ones(1)
    output_kw, q_kvar = VoltVar().respond(v_pu * one, 5 * one, 10 * one)
    assert q_kvar[0] == pytest.approx(10 * q_pu)
    assert output_kw[0] == 5


def test_reactive_power_has_priority_within_the_rating():
    one = np.ones(1)
    output_kw, q_kvar = VoltVar().respond(1.08 * one, 10 * one, 10 * one)
    assert np.hypot(output_kw, q_kvar)[0] == pytest.approx(10)
    assert q_kvar[0] == pytest.approx(4.4)


def test_without_sun_or_pv_an_inverter_does_nothing():
    v_pu, none = np.array([1.08, 0.9]), np.zeros(2)
    for rule in (VoltVar(), VoltWatt(), StandardVoltWatt()):
        output_kw, q_kvar = rule.respond(v_pu, none, np.array([10.0, 0.0]))
        assert not output_kw.any()
        assert not q_kvar.any()


def test_curtailment_runs_from_full_output_to_none_at_the_inner_limit():
    rule = VoltWatt(VoltageBand(v_max_pu=1.05, margin_pu=0.001))
    v_pu = np.array([1.0, 1.039, 1.044, 1.049, 1.06])
    output_kw, q_kvar = rule.respond(v_pu, np.full(5, 8.0), np.full(5, 8.0))
    assert output_kw == pytest.approx([8, 8, 4, 0, 0])
    assert not q_kvar.any()


def test_volt_watt_of_the_standard_runs_to_a_fifth_of_the_rating():
    v_pu = np.array([1.0, 1.06, 1.08, 1.10, 1.2])
    output_kw, q_kvar = StandardVoltWatt().respond(v_pu, np.full(5, 9.0), np.full(5, 10.0))
    assert output_kw == pytest.approx([9, 9, 6, 2, 2])
    assert not q_kvar.any()


@pytest.mark.parametrize("pv_kw", [8.0, 15.0, 30.0])
@pytest.mark.parametrize("rule", [VoltVar(), VoltWatt()], ids=["volt_var", "curtail"])
def test_inverters_come_to_rest_where_the_rule_holds_for_all(rule, pv_kw):
    plan = HousePlan(30, ("652.A", "611.C", "684.A", "684.C", "675.B"))
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(9, 6, 9)), plan)
    available, rating = np.full(30, pv_kw), np.full(30, 1.1 * pv_kw)
    asked = []

    def solve(output_kw, q_kvar):
        asked.append((output_kw, q_kvar))
        grid.dispatch(Injections(1.0 - output_kw, q_kvar))
        return grid.solve()

    state = solve(available, np.zeros(30))
    without = state.house_v_pu.max()
    state = settle_inverters(rule, state, available, rating, solve)
    wanted_kw, wanted_kvar = rule.respond(state.house_v_pu, available, rating)
    assert asked[-1][0] == pytest.approx(wanted_kw, abs=1.1e-3)
    assert asked[-1][1] == pytest.approx(wanted_kvar, abs=1.1e-3)
    assert state.house_v_pu.max() < without
    if rule.name == "curtail":
        assert state.house_v_pu.max() < 1.05


def test_inverters_come_to_rest_in_any_weather():
    """Some of these have corners that keep plainly damped steps bouncing for hundreds of solves."""
    plan = HousePlan(30, ("652.A", "611.C", "684.A", "684.C", "675.B"))
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(9, 6, 9)), plan)
    rng = np.random.default_rng(1)
    for _ in range(200):
        pv_kw = rng.choice([8.0, 12.0, 15.0, 30.0])
        has_pv = rng.random(30) < rng.uniform(0.5, 1)
        available, rating = pv_kw * rng.uniform(0.3, 1) * has_pv, np.full(30, 1.1 * pv_kw)
        load_kw, scale = rng.uniform(0.2, 4, 30), rng.uniform(0.4, 1)
        solves = 0

        def solve(output_kw, q_kvar, load_kw=load_kw, scale=scale):
            nonlocal solves
            solves += 1
            grid.dispatch(Injections(load_kw - output_kw, q_kvar, scale))
            return grid.solve()

        start = solve(available, np.zeros(30))
        settle_inverters(VoltWatt(), start, available, rating, solve)
        assert solves < 60


def test_inverters_without_rest_are_an_error():
    class Contrary:
        name = "contrary"

        def respond(self, v_pu, available_kw, rating_kva):
            return np.where(v_pu > 1, 0.0, available_kw), np.zeros_like(v_pu)

    def solve(output_kw, q_kvar):
        v_pu = np.where(output_kw > 4, 1.1, 0.9)
        return GridState(v_pu, *[np.zeros(1)] * 6, 0.0, ())

    with pytest.raises(GridError, match="under 'contrary' find no rest after 200 solves"):
        settle_inverters(
            Contrary(), solve(np.full(1, 8.0), None), np.full(1, 8.0), np.full(1, 8.0), solve
        )
