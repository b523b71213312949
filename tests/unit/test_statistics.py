import math

import numpy as np
import pandas as pd
import pytest

from p2p_cosim.core.errors import InputError
from p2p_cosim.statistics import crossed_interval, interval, means, paired_differences

NOISE = {1: 100.0, 2: -50.0, 3: 7.0}  # by seed: in every arm


@pytest.fixture
def table():
    rows = [
        {"rule": rule, "houses": houses, "seed": seed, "welfare": NOISE[seed] + add * houses}
        for rule, add in (("a", 0.0), ("b", 2.0), ("c", -1.0))
        for houses in (10, 20)
        for seed in NOISE
    ]
    return pd.DataFrame(rows)


def test_what_seeds_share_cancels_in_paired_differences(table):
    found = paired_differences(table, "welfare", "rule", "a").set_index("rule")
    assert found.loc["b", "difference"] == pytest.approx(30.0)
    assert found.loc["c", "difference"] == pytest.approx(-15.0)
    assert list(found["pairs"]) == [6, 6]
    assert 20.0 <= found.loc["b", "low"] < 30.0 < found.loc["b", "high"] <= 40.0


def test_a_pair_without_its_other_half_is_left_out(table):
    found = paired_differences(table.drop(index=0), "welfare", "rule", "a")
    assert list(found["pairs"]) == [5, 5]


def test_a_baseline_that_is_not_there_is_named(table):
    with pytest.raises(InputError, match=r"no run has rule = 'z': there are 'a', 'b', 'c'"):
        paired_differences(table, "welfare", "rule", "z")


def test_means_are_those_of_each_arm(table):
    found = means(table, ["rule", "houses"], ["welfare"])
    row = found[(found["rule"] == "b") & (found["houses"] == 20)].iloc[0]
    assert row["mean"] == pytest.approx(np.mean(list(NOISE.values())) + 40.0)
    assert row["low"] < row["mean"] < row["high"]
    assert row["runs"] == 3
    assert len(means(table, [], ["welfare"])) == 1


def test_an_interval_covers_a_mean_nearly_as_often_as_it_says():
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(200):
        low, high = interval(rng.normal(3.0, 1.0, 40))
        covered += low <= 3.0 <= high
    assert 180 <= covered <= 200


def test_one_value_has_no_interval():
    assert all(math.isnan(end) for end in interval(np.array([1.0])))
    assert interval(np.array([1.0, 2.0, 4.0])) == interval(np.array([1.0, 2.0, 4.0]))


def test_seeds_of_one_day_are_no_more_days():
    """Ten seeds that all say what their day says tell no more of days than one seed does."""
    by_day = np.random.default_rng(1).normal(5.0, 2.0, 12)
    low, high = crossed_interval(np.repeat(by_day[:, None], 10, axis=1))
    alone = interval(by_day)
    assert (low, high) == pytest.approx(alone, abs=0.15)
    as_if_independent = interval(np.repeat(by_day, 10))
    assert high - low > 2.5 * (as_if_independent[1] - as_if_independent[0])
    by_seed = crossed_interval(np.repeat(by_day[None, :], 10, axis=0))
    assert by_seed == pytest.approx(alone, abs=0.15)


def test_a_crossed_interval_holds_the_mean_as_often_as_it_says():
    rng, held = np.random.default_rng(2), 0
    for _ in range(200):
        days, seeds = rng.normal(size=(15, 1)), rng.normal(size=(1, 15))
        low, high = crossed_interval(days + seeds + rng.normal(size=(15, 15)))
        held += low <= 0 <= high
    assert 175 <= held <= 198


def test_one_day_or_one_seed_has_no_crossed_interval():
    for values in (np.ones((1, 5)), np.ones((5, 1))):
        assert all(math.isnan(end) for end in crossed_interval(values))
