"""Trade reduction against its bound, and against the market that has one trade to lose."""

import numpy as np
import pytest

from p2p_cosim.studies.theory.reduction import RULES, given


@pytest.mark.parametrize("rule", ["mcafee", "sbba"])
def test_one_trade_at_most_is_given_up(rule):
    for m in (5, 20):
        found = given(rule, m, 2_000 // m, np.random.default_rng(m))
        assert found.bound - 0.02 <= found.efficiency < 1


@pytest.mark.parametrize("rule", RULES)
def test_larger_markets_give_up_less(rule):
    small, large = (given(rule, m, 300, np.random.default_rng(2)).efficiency for m in (3, 40))
    assert small < large <= 1
