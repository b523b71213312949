"""The continuous auction by single units, against its extremes and against a market by hand."""

import numpy as np
import pytest

from p2p_cosim.studies.theory.zero_intelligence import (
    HIGHEST,
    LOWEST,
    Traders,
    calling,
    drawn,
    efficiency,
    shouting,
)


def rng():
    return np.random.default_rng(1)


def test_the_best_is_what_values_and_costs_could_gain():
    traders = Traders(((100, 40), (80,)), ((30,), (50, 90)))
    assert traders.best == (100 - 30) + (80 - 50)


def test_nobody_with_a_budget_trades_at_a_loss_and_each_unit_trades_once():
    for seed in range(30):
        traders = drawn(4, 3, np.random.default_rng(seed))
        period = shouting(traders, 500, np.random.default_rng(seed))
        assert 0 <= period.gained <= period.best == traders.best
        assert len(period.prices) <= 12
        assert all(LOWEST <= price <= HIGHEST for price in period.prices)


def test_one_pair_that_can_gain_trades_in_the_end_at_a_price_both_accept():
    traders = Traders(((150,),), ((50,),))
    period = shouting(traders, 400, rng())
    assert period.efficiency == 1.0
    assert 50 <= period.prices[0] <= 150


def test_without_a_budget_trades_lose_what_the_budget_keeps():
    many = [drawn(6, 3, np.random.default_rng(seed)) for seed in range(30)]
    kept = efficiency([shouting(each, 800, rng()) for each in many])
    free = efficiency([shouting(each, 800, rng(), constrained=False) for each in many])
    assert free < kept
    assert kept > 0.9


def test_more_shouts_find_more():
    many = [drawn(6, 3, np.random.default_rng(seed)) for seed in range(30)]
    few, lots = (efficiency([shouting(each, n, rng()) for each in many]) for n in (25, 800))
    assert few < lots


@pytest.mark.parametrize("mechanism", ["k_double_auction", "walrasian", "continuous"])
def test_a_call_market_counts_true_values_and_not_shouts(mechanism):
    traders = Traders(((200,),), ((1,),))
    made = [calling(traders, mechanism, np.random.default_rng(seed)) for seed in range(40)]
    assert {period.gained for period in made} == {0, 199}  # whether or not the two shouts cross
