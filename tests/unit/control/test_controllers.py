from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from p2p_cosim.control import Hold, Reactive, VoltageBand
from p2p_cosim.core.limits import TAP_STEP_PU
from p2p_cosim.core.types import ControlView, HouseSite, MeterView

SITES = (
    HouseSite("house_1", "675", "B", "tx_1"),
    HouseSite("house_2", "675", "B", "tx_1"),
    HouseSite("house_3", "652", "A", "tx_2"),
)
REGULATORS = {"reg_a": "A", "reg_b": "B", "reg_c": "C"}


def view(*v_pu, taps=(9, 6, 9)):
    zero = np.zeros(3)
    meters = MeterView(47, SITES, np.array(v_pu), zero, zero)
    return ControlView(48, meters, (), dict(zip(REGULATORS, taps, strict=True)), REGULATORS, None)


def test_hold_moves_nothing():
    assert Hold().decide(view(1.2, 0.8, 1.0)).moves == ()


def test_inside_the_band_nothing_moves():
    assert Reactive().decide(view(1.0499, 0.9501, 1.0)).moves == ()


def test_one_step_cures_a_small_overvoltage_on_its_own_phase():
    near = Reactive(VoltageBand(margin_pu=0.0002))
    (move,) = near.decide(view(1.0560, 1.02, 1.0)).moves
    assert (move.regulator, move.tap) == ("reg_b", 5)
    assert move.reason == (
        "house_1 at 1.0560 pu above 1.05 at tick 47: tap +6 to +5 predicts 1.0496 pu"
    )


def test_an_undervoltage_raises_the_tap():
    (move,) = Reactive().decide(view(1.0, 1.0, 0.938)).moves
    assert (move.regulator, move.tap) == ("reg_a", 12)


def test_a_house_without_supply_is_no_undervoltage():
    assert Reactive().decide(view(0.0, 1.0, 1.0)).moves == ()


def test_where_no_tap_satisfies_all_the_excursion_is_shared():
    (move,) = Reactive().decide(view(1.08, 0.95, 1.0, taps=(9, 0, 9))).moves
    after = np.array([1.08, 0.95]) * (1 + TAP_STEP_PU * move.tap)
    assert max(after[0] - 1.05, 0.95 - after[1]) < 0.03 / 2 + TAP_STEP_PU


def test_at_the_end_of_the_range_no_move_is_proposed():
    assert Reactive().decide(view(1.2, 1.2, 1.0, taps=(9, -16, 9))).moves == ()


@given(st.floats(0.86, 1.14), st.floats(0.86, 1.14), st.integers(-16, 16))
def test_no_tap_with_fewer_steps_would_do(v_1, v_2, tap):
    band = VoltageBand()
    moves = Reactive(band).decide(view(v_1, v_2, 1.0, taps=(9, tap, 9))).moves
    low, high = band.v_min_pu + band.margin_pu, band.v_max_pu - band.margin_pu

    def inside(new_tap):
        after = np.array([v_1, v_2]) * (1 + TAP_STEP_PU * new_tap) / (1 + TAP_STEP_PU * tap)
        return low <= after.min() and after.max() <= high

    feasible = [abs(t - tap) for t in range(-16, 17) if inside(t)]
    outside = min(v_1, v_2) < band.v_min_pu or max(v_1, v_2) > band.v_max_pu
    assert bool(moves) <= outside
    if outside and feasible:
        assert abs(moves[0].tap - tap) == min(feasible)
    for move in moves:
        assert -16 <= move.tap <= 16


def test_a_limited_range_is_kept():
    band = VoltageBand(min_tap=4)
    (move,) = Reactive(band).decide(view(1.12, 1.12, 1.0)).moves
    assert move.tap == 4
    assert move.reason.endswith(
        f"predicts {1.12 * (1 + 4 * TAP_STEP_PU) / (1 + 6 * TAP_STEP_PU):.4f} pu"
    )


def test_a_margin_lets_it_act_before_the_limit_and_aim_further_inside():
    early = Reactive(trigger_margin_pu=0.005)
    assert early.decide(view(1.0449, 0.9551, 1.0)).moves == ()
    (move,) = early.decide(view(1.0451, 1.02, 1.0)).moves
    assert (move.regulator, move.tap) == ("reg_b", 5)
    assert move.reason.startswith("house_1 at 1.0451 pu above 1.045 at tick 47: ")


def test_late_meters_are_brought_to_the_present_taps():
    late = view(1.056, 1.05, 1.0, taps=(9, 5, 9))
    then = dict(zip(REGULATORS, (9, 6, 9), strict=True))
    late = replace(late, meters=replace(late.meters, taps=then, measured_tick=43))
    assert Reactive(VoltageBand(margin_pu=0.0002)).decide(late).moves == ()
    now = 1.08 * (1 + 5 * TAP_STEP_PU) / (1 + 6 * TAP_STEP_PU)
    high = replace(late, meters=replace(late.meters, v_pu=np.array([1.08, 1.05, 1.0])))
    (move,) = Reactive().decide(high).moves
    assert move.reason.startswith(f"house_1 at {now:.4f} pu above 1.05 at tick 43: tap +5 to ")
