"""The program finds what trying all combinations finds, and answers for many regulators."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2p_cosim.control.band import excursion_pu
from p2p_cosim.control.integer_steps import program_steps

LOW, HIGH = 0.95, 1.05


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3), st.integers(1, 6), st.integers(0, 10**6))
def test_as_good_as_trying_all_combinations(regulators: int, houses: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    dv = rng.uniform(0, 0.007, (houses, regulators)) * (rng.random((houses, regulators)) < 0.7)
    dv[:, 0] += 0.004  # every house is reached
    v = rng.uniform(0.92, 1.08, (1, houses))
    low, high = np.full(houses, LOW), np.full(houses, HIGH)
    least, most = np.full(regulators, -4), np.full(regulators, 5)
    steps, outside = program_steps(v, dv, low, high, least, most)
    tried = {
        combination: max(0.0, float(excursion_pu(v + dv @ combination, LOW, HIGH).max()))
        for combination in product(range(-4, 6), repeat=regulators)
    }
    best = min(tried.values())
    assert outside == pytest.approx(best, abs=1e-6)
    fewest = min(sum(map(abs, c)) for c, left in tried.items() if left <= best + 1e-9)
    assert np.abs(steps).sum() <= fewest
    assert tried[tuple(steps.tolist())] == pytest.approx(best, abs=1e-6)


def test_twelve_regulators_of_which_one_is_needed() -> None:
    houses, regulators = 60, 12
    dv = np.zeros((houses, regulators))
    dv[:, 0] = 0.006  # at the head
    for regulator in range(1, regulators):
        dv[5 * (regulator - 1) : 5 * regulator, regulator] = 0.006
    v = np.full((1, houses), 0.92)
    limits = np.full(houses, LOW), np.full(houses, HIGH)
    sixteen = np.full(regulators, 16)
    steps, outside = program_steps(v, dv, *limits, -sixteen, sixteen)
    assert steps.tolist() == [5, *[0] * 11]
    assert outside == 0.0


def test_a_house_that_no_regulator_reaches_keeps_none_from_being_helped() -> None:
    dv = np.array([[0.006, 0.0], [0.0, 0.0]])
    v = np.array([[0.94, 0.80]])
    limits = np.full(2, LOW), np.full(2, HIGH)
    sixteen = np.full(2, 16)
    steps, outside = program_steps(v, dv, *limits, -sixteen, sixteen)
    assert steps.tolist() == [2, 0]
    assert outside == 0.0
