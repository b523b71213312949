import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2p_cosim.control.choice import fewest_steps

# Own phase, and the little that reaches the others.
DV_DTAP = np.array([[66, 2, -1], [66, 1, 0], [1, 68, 2], [0, 67, 3], [-2, 1, 65]]) * 1e-4
LOW, HIGH = np.full(5, 0.9505), np.full(5, 1.0495)


def choose(v_pu, least=-4, most=4, **options):
    limits = (np.full(3, least), np.full(3, most))
    return fewest_steps(np.atleast_2d(v_pu), DV_DTAP, LOW, HIGH, *limits, **options)


def outside(v_pu, steps):
    after = v_pu + DV_DTAP @ np.asarray(steps)
    return max(0.0, float(np.maximum(after - HIGH, LOW - after).max()))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.93, 1.07), min_size=5, max_size=5))
def test_no_combination_with_fewer_steps_would_do(v_pu):
    v_pu = np.array(v_pu)
    steps, left = choose(v_pu)
    every = list(itertools.product(range(-4, 5), repeat=3))
    assert left == pytest.approx(outside(v_pu, steps), abs=2e-9)
    fits = [sum(map(abs, some)) for some in every if outside(v_pu, some) < 1e-9]
    if fits:
        assert left == 0
        assert np.abs(steps).sum() == min(fits)
    else:
        assert left <= min(outside(v_pu, some) for some in every) + 2e-9


def test_all_cases_must_be_inside():
    now, later = np.full(5, 1.0), np.full(5, 1.0)
    later[4] = 1.06
    assert choose(now)[0].tolist() == [0, 0, 0]
    assert choose(np.array([now, later]))[0].tolist() == [0, 0, -2]


def test_far_steps_are_found_unless_only_near_ones_are_tried():
    v_pu = np.full(5, 1.0495 + 16 * 0.0064)
    steps, left = choose(v_pu, -16, 16)
    assert left == 0
    assert steps.sum() < -40
    assert choose(v_pu, -16, 16, nearby=True)[1] > 0.05


def test_no_range_is_no_move():
    assert choose(np.full(5, 1.2), 0, 0)[0].tolist() == [0, 0, 0]


def test_without_regulators_there_is_nothing_to_choose():
    none = np.zeros(0, dtype=int)
    v_pu = np.array([[1.0, 1.06, 1.0, 1.0, 0.9]])
    steps, left_pu = fewest_steps(v_pu, np.zeros((5, 0)), LOW, HIGH, none, none)
    assert steps.shape == (0,)
    assert left_pu == 0  # of houses that a regulator reaches
