import pytest
from linear_network import DV_DP, LinearNetwork, view

from p2p_cosim.control import LookAhead, VoltageBand
from p2p_cosim.control.forecast import HouseForecast, expected_p_kw
from p2p_cosim.core.types import Trade

BAND = VoltageBand(margin_pu=0.0005)


def test_a_house_that_sold_is_expected_to_deliver_and_any_other_to_go_on():
    seen = view(LinearNetwork(), [1.0, 2.0, 3.0], sold_kw=[7.0])
    assert expected_p_kw(seen).tolist() == [-7.0, 2.0, 3.0]


def test_what_a_house_bought_and_sold_adds_up_and_strangers_do_not_count():
    seen = view(LinearNetwork(), [1.0, 2.0, 3.0])
    trades = (
        Trade("house_1", "bulk", 500, 1),
        Trade("house_1", "house_2", 250, 1),
        Trade("bulk", "house_1", 125, 1),
    )
    object.__setattr__(seen, "trades", trades)
    assert expected_p_kw(seen).tolist() == [2.5, -1.0, 3.0]


def test_a_dark_house_delivers_nothing_whatever_it_sold():
    seen = view(LinearNetwork(), [1.0, 2.0, 3.0], sold_kw=[7.0, 7.0], dark=[0])
    assert expected_p_kw(seen)[0] == 0.0


def test_it_moves_before_the_violation():
    network = LinearNetwork(v_0=(1.035, 1.035, 1.0))
    seen = view(network, [1.0, 1.0, 1.0], sold_kw=[7.0, 7.0])
    assert seen.meters.v_pu.max() < 1.05
    decision = LookAhead(BAND, horizon_ticks=1).decide(seen)
    (move,) = decision.moves
    assert (move.regulator, move.tap, move.house) == ("reg_b", -1, "house_1")
    assert move.reason == (
        "house_1 would be at 1.0525 pu in tick 10: tap +0 to -1 predicts 1.0459 pu"
    )
    assert decision.predicted_v_pu[0] == pytest.approx(1.0525 - 0.0066)
    assert network.trials == 1  # one verifying solve


def test_without_need_nothing_moves_and_the_prediction_is_given_all_the_same():
    network = LinearNetwork()
    decision = LookAhead(BAND).decide(view(network, [1.0, 1.0, 1.0], sold_kw=[2.0]))
    assert decision.moves == decision.refusals == ()
    assert decision.predicted_v_pu == pytest.approx(1.0 + DV_DP @ [-2.0, 1.0, 1.0])


def test_the_set_point_policy_brings_the_worst_house_to_122_volts():
    network = LinearNetwork(v_0=(1.035, 1.035, 1.0))
    seen = view(network, [1.0, 1.0, 1.0], sold_kw=[7.0, 7.0])
    decision = LookAhead(BAND, "setpoint").decide(seen)
    (move,) = decision.moves
    assert move.tap == -6  # 1.0525 - 5 x 0.0066 is still above 1.01667
    assert decision.predicted_v_pu.max() <= 122 / 120


def test_an_undervoltage_is_lifted_by_the_fewest_steps_under_either_policy():
    for policy in ("smallest", "setpoint"):
        network = LinearNetwork(v_0=(1.0, 1.0, 0.94))
        (move,) = LookAhead(BAND, policy).decide(view(network, [0.0, 0.0, 0.0])).moves
        assert (move.regulator, move.tap) == ("reg_a", 2)


def test_the_verifying_solve_corrects_what_is_not_linear():
    network = LinearNetwork(v_0=(1.0335, 1.0335, 1.0), curve=20.0)
    seen = view(network, [0.0, 0.0, 0.0], sold_kw=[7.0, 7.0])
    linear = seen.meters.v_pu + DV_DP @ [-7.0, -7.0, 0.0]
    assert linear.max() == pytest.approx(1.051)  # by sensitivities alone one step would do
    decision = LookAhead(BAND, horizon_ticks=1).decide(seen)
    assert network.trials == 2
    assert [move.tap for move in decision.moves] == [-2]
    assert decision.predicted_v_pu.max() < 1.0495


def test_the_range_ends_and_what_stays_outside_is_refused_with_its_reason():
    band = VoltageBand(margin_pu=0.0005, min_tap=-1)
    network = LinearNetwork(v_0=(1.06, 1.06, 1.0))
    decision = LookAhead(band).decide(view(network, [0.0, 0.0, 0.0]))
    assert [move.tap for move in decision.moves] == [-1]
    (refusal,) = decision.refusals
    assert refusal.house == "house_1"
    assert refusal.reason == (
        "refused: no tap was found from -1 to 16 that keeps every house within 0.9505 to "
        "1.0495 pu; house_1 would be at 1.0534 pu"
    )


def test_no_solution_is_no_prediction_and_no_move():
    network = LinearNetwork(v_0=(1.06, 1.06, 1.0))
    network.diverges = True
    decision = LookAhead(BAND).decide(view(network, [0.0, 0.0, 0.0]))
    assert decision.moves == ()
    assert decision.predicted_v_pu is None
    assert {refusal.regulator for refusal in decision.refusals} == {"reg_a", "reg_b", "reg_c"}
    assert "no prediction, power flow diverged" in decision.refusals[0].reason


def test_a_dark_house_is_no_undervoltage():
    network = LinearNetwork()
    assert LookAhead(BAND).decide(view(network, [0.0, 0.0, 0.0], dark=[2])).moves == ()


def test_the_margin_grows_with_its_own_errors():
    def moves(error_pu):
        controller = LookAhead(BAND, horizon_ticks=1)
        for tick, v_pu in enumerate((1.047, 1.047 - error_pu, 1.047)):
            seen = view(LinearNetwork(v_0=(v_pu, v_pu, 1.0)), [0.0, 0.0, 0.0], tick=tick)
            decision = controller.decide(seen)
        return [move.tap for move in decision.moves]

    assert moves(0.0) == []
    assert moves(0.008) == [-1]


@pytest.mark.parametrize(("horizon", "tap"), [(1, -1), (12, -3)])
def test_a_longer_horizon_goes_as_far_as_the_drift_will(horizon, tap):
    controller = LookAhead(BAND, horizon_ticks=horizon, error_margin=0.0)
    for tick in range(12):
        v_b = 1.0375 + 0.0012 * tick
        network = LinearNetwork(v_0=(v_b, v_b, 1.0))
        decision = controller.decide(view(network, [0.0, 0.0, 0.0], tick=tick))
        if decision.moves:
            break
    assert [move.tap for move in decision.moves] == [tap]


def test_without_the_trades_it_expects_what_meters_said():
    network, sold = LinearNetwork(v_0=(1.04, 1.04, 1.0)), (7.0, 7.0, 0.0)
    now = view(network, [-1.0, 0.0, 2.0], sold, dark=(2,))
    assert HouseForecast("trades").p_kw(now).tolist() == [-7, -7, 0]
    assert HouseForecast("persistence").p_kw(now).tolist() == [-1, 0, 0]
    assert LookAhead(forecast="trades").decide(now).moves
    assert LookAhead(forecast="persistence").decide(now).moves == ()


def test_a_day_before_is_read_from_the_meters_of_then():
    network, forecast = LinearNetwork(), HouseForecast("seasonal_naive")
    expected = []
    for tick in range(1, 200):
        now = view(network, [float(tick - 1), 0.0, 0.0], tick=tick)
        expected.append(forecast.p_kw(now)[0])
    last_at_first = [float(tick - 1) for tick in range(1, 96)]
    assert expected == last_at_first + [float(tick - 96) for tick in range(96, 200)]
