import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p_cosim.core.types import Order, OwnState, QuoteView, Side, Tariff
from p2p_cosim.strategies import FixedPrice, Truthful, ZeroIntelligence

TARIFF = Tariff(retail_wei_per_wh=120, feed_in_wei_per_wh=32)


def view(forecast_wh):
    return QuoteView("house_1", 3, forecast_wh, TARIFF, None, OwnState(10**9))


def rng():
    return np.random.default_rng(1)


def test_truthful_quotes_the_alternative_to_trading():
    assert Truthful().quote(view(500), rng()) == (Order("house_1", Side.BID, 500, 120),)
    assert Truthful().quote(view(-500), rng()) == (Order("house_1", Side.ASK, 500, 32),)


def test_fixed_price_quotes_its_price():
    strategy = FixedPrice(bid_wei_per_wh=96, ask_wei_per_wh=40)
    assert strategy.quote(view(7), rng())[0].price_wei_per_wh == 96
    assert strategy.quote(view(-7), rng())[0].price_wei_per_wh == 40


@given(st.integers(-(10**6), 10**6).filter(bool), st.integers(0, 2**32))
def test_zero_intelligence_never_quotes_at_a_loss(forecast_wh, seed):
    (order,) = ZeroIntelligence().quote(view(forecast_wh), np.random.default_rng(seed))
    assert 32 <= order.price_wei_per_wh <= 120
    assert order.energy_wh == abs(forecast_wh)
    assert order.side is (Side.BID if forecast_wh > 0 else Side.ASK)


def test_zero_intelligence_reaches_both_ends_of_the_band():
    generator = rng()
    prices = {ZeroIntelligence().quote(view(1), generator)[0].price_wei_per_wh for _ in range(3000)}
    assert {min(prices), max(prices)} == {32, 120}


@pytest.mark.parametrize("strategy", [ZeroIntelligence(), Truthful(), FixedPrice(1, 1)])
def test_no_forecast_no_order(strategy):
    assert strategy.quote(view(0), rng()) == ()
