"""What a controller gives as its reason is true, and what it chooses is what a search finds."""

import re
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linear_network import DV_DP, DV_DTAP, REGULATORS, LinearNetwork, view

from p2p_cosim.control import LookAhead, Reactive, VoltageBand
from p2p_cosim.core.limits import TAP_STEP_PU

MOVE = re.compile(
    r"(?P<house>house_\d) (?P<tense>at|would be at) (?P<v>\d\.\d{4}) pu "
    r"(?:(?P<side>above|below) (?P<limit>[\d.]+) at|in) tick (?P<tick>\d+): "
    r"tap (?P<old>[+-]\d+) to (?P<new>[+-]\d+) predicts (?P<then>\d\.\d{4}) pu"
)
REFUSAL = re.compile(
    r"refused: no tap was found from (?P<least>-?\d+) to (?P<most>-?\d+) that keeps every house "
    r"within (?P<low>\d\.\d{4}) to (?P<high>\d\.\d{4}) pu; (?P<house>house_\d) would be at "
    r"(?P<v>\d\.\d{4}) pu"
)
VOLTAGES = st.tuples(*[st.floats(0.86, 1.14)] * 3)
TAPS = st.tuples(*[st.integers(-16, 16)] * 3)
POWERS = st.tuples(*[st.floats(-8, 8)] * 3)
SOLD = st.tuples(*[st.floats(0, 12)] * 3)
REACHED = (0, 1)  # reg_a and reg_b: nothing hangs on the third


def site(name):
    return int(name.removeprefix("house_")) - 1


@settings(deadline=None, max_examples=60)
@given(VOLTAGES, TAPS, POWERS, st.sampled_from([0.0, 0.005]), st.integers(0, 3))
def test_what_reactive_says_of_meters_and_of_its_moves_is_true(v_pu, taps, p_kw, trigger, late):
    network = LinearNetwork(np.array(v_pu) - DV_DTAP @ taps)
    now = view(network, p_kw, taps=taps)
    now = replace(now, meters=replace(now.meters, measured_tick=9 - late))
    controller = Reactive(trigger_margin_pu=trigger)
    decision = controller.decide(now)
    for move in decision.moves:
        said = MOVE.fullmatch(move.reason)
        house, old, new = site(said["house"]), int(said["old"]), int(said["new"])
        metered = now.meters.v_pu[house]
        assert said["v"] == f"{metered:.4f}"
        limit = {"above": 1.05 - trigger, "below": 0.95 + trigger}[said["side"]]
        assert float(said["limit"]) == pytest.approx(limit)
        assert metered > limit if said["side"] == "above" else metered < limit
        assert int(said["tick"]) == 9 - late
        assert (old, new) == (now.taps[move.regulator], move.tap)
        ratio = (1 + TAP_STEP_PU * new) / (1 + TAP_STEP_PU * old)
        assert said["then"] == f"{metered * ratio:.4f}"
        assert now.meters.sites[house].phase in REGULATORS[move.regulator]


@settings(deadline=None, max_examples=60)
@given(VOLTAGES, TAPS, POWERS, SOLD, st.sampled_from(["smallest", "setpoint"]))
def test_what_look_ahead_says_is_true_and_a_search_finds_no_better(v_pu, taps, p_kw, sold, policy):
    network = LinearNetwork(np.array(v_pu) - DV_DTAP @ taps)
    now = view(network, p_kw, sold, taps=taps)
    band = VoltageBand()
    low, high = band.v_min_pu + band.margin_pu, band.v_max_pu - band.margin_pu
    controller = LookAhead(band, policy, horizon_ticks=1)
    decision = controller.decide(now)
    coming = now.meters.v_pu + DV_DP @ (decision.expected_p_kw - now.meters.p_kw)
    chosen = dict(now.taps) | {move.regulator: move.tap for move in decision.moves}
    predicted = network.v_pu(decision.expected_p_kw, chosen)
    assert decision.predicted_v_pu == pytest.approx(predicted, abs=1e-9)
    for move in decision.moves:
        said = MOVE.fullmatch(move.reason)
        house = site(said["house"])
        assert float(said["v"]) == pytest.approx(coming[house], abs=6e-5)
        assert float(said["then"]) == pytest.approx(predicted[house], abs=6e-5)
        assert (int(said["old"]), int(said["new"])) == (now.taps[move.regulator], move.tap)
        assert int(said["tick"]) == now.tick
    best = fewest(coming, np.array(taps), low, high)
    for refusal in decision.refusals:
        said = REFUSAL.fullmatch(refusal.reason)
        assert best is None
        assert float(said["v"]) == pytest.approx(predicted[site(said["house"])], abs=6e-5)
    inside = ((predicted >= low - 1e-9) & (predicted <= high + 1e-9)).all()
    assert inside == (best is not None)
    assert inside == (not decision.refusals)
    if inside and policy == "smallest":
        assert sum(abs(chosen[name] - tap) for name, tap in now.taps.items()) == best


def fewest(v_pu, taps, low, high):
    """Steps of the cheapest of all positions that keep every house inside; None if none does."""
    steps = np.zeros((33 * 33, 3), dtype=int)
    steps[:, REACHED] = np.array(list(product(range(-16, 17), repeat=2))) - taps[list(REACHED)]
    after = v_pu + steps @ DV_DTAP.T
    inside = ((after >= low - 1e-9) & (after <= high + 1e-9)).all(axis=1)
    return int(np.abs(steps[inside]).sum(axis=1).min()) if inside.any() else None
