"""Values and costs belong to houses: given, drawn, or those of the tariff."""

import numpy as np

import p2p_cosim as p2p
from p2p_cosim.compose.values import values_of
from p2p_cosim.core.types import OwnState, QuoteView, Side, Tariff
from p2p_cosim.strategies import SelfConsumption, Truthful, ZeroIntelligence

BASE = p2p.load("scenarios/trading_day.yaml")
RETAIL, FEED_IN = BASE.tariff.tariff().retail_wei_per_wh, BASE.tariff.tariff().feed_in_wei_per_wh


def test_by_default_nobody_has_one_of_its_own():
    assert values_of(BASE) == {}


def test_what_is_given_is_taken_and_the_rest_is_the_tariffs():
    some = BASE.replace({"traders": {"house_2": {"cost_eur_per_kwh": 0.1}}})
    assert values_of(some) == {"house_2": (None, some.tariff.price_wei_per_wh(0.1))}


def test_a_greater_spread_moves_every_house_the_same_way():
    half, whole = (values_of(BASE.replace(value_spread=spread)) for spread in (0.5, 1.0))
    assert len(half) == 30
    assert len({value for value, _ in half.values()}) == 30
    for house, (value, cost) in half.items():
        assert FEED_IN <= cost <= (FEED_IN + RETAIL) / 2 <= value <= RETAIL
        assert abs(RETAIL - whole[house][0] - 2 * (RETAIL - value)) <= 2  # rounded down
        assert abs(whole[house][1] - FEED_IN - 2 * (cost - FEED_IN)) <= 2


def view(forecast_wh):
    own = OwnState(10**18, value_wei_per_wh=90, cost_wei_per_wh=50)
    return QuoteView("house_1", 0, forecast_wh, Tariff(100, 20), None, own)


def test_strategies_bid_and_ask_by_them():
    for strategy in (Truthful(), SelfConsumption()):
        for forecast_wh, side, price in ((800, Side.BID, 90), (-800, Side.ASK, 50)):
            (order,) = strategy.quote(view(forecast_wh), np.random.default_rng(0))
            assert (order.side, order.price_wei_per_wh) == (side, price)
    rng = np.random.default_rng(0)
    bids, asks = (
        [ZeroIntelligence().quote(view(wh), rng)[0].price_wei_per_wh for _ in range(500)]
        for wh in (800, -800)
    )
    assert (min(bids), max(bids)) == (20, 90)
    assert (min(asks), max(asks)) == (50, 100)
