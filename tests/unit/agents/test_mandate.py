"""Whatever a strategy orders, and whatever trades, a mandate's limits are never exceeded."""

from collections import Counter
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p_cosim.agents.mandate import Mandate, Terms
from p2p_cosim.core.clock import Clock
from p2p_cosim.core.types import Order, Outcome, Placement, Side

CLOCK = Clock(datetime(2024, 6, 21, 22), 900, 96)
PRICES, ENERGIES = st.integers(0, 2**40), st.integers(1, 10_000)
ORDERS = st.lists(
    st.builds(Order, st.just("house_1"), st.sampled_from(Side), ENERGIES, PRICES), max_size=6
)
TERMS = st.builds(Terms, PRICES, PRICES, st.integers(0, 14), st.integers(0, 20_000))


@given(terms=TERMS, ticks=st.lists(ORDERS, max_size=12), data=st.data())
def test_limits_are_never_exceeded(terms, ticks, data):
    mandate, traded = Mandate(terms, CLOCK), Counter()
    for tick, orders in enumerate(ticks):
        kept = mandate.within(tick, orders)
        day = CLOCK.time(tick).date()
        assert not (kept and tick >= terms.until)
        for order in kept:
            assert order.energy_wh > 0
            if order.side is Side.BID:
                assert order.price_wei_per_wh <= terms.buy_up_to
            else:
                assert order.price_wei_per_wh >= terms.sell_from
        assert traded[day] + sum(order.energy_wh for order in kept) <= terms.wh_a_day
        filled = [data.draw(st.integers(0, order.energy_wh)) for order in kept]
        pairs = zip(kept, filled, strict=True)
        placed = [Placement(order, 0, filled_wh=wh) for order, wh in pairs]
        traded[day] += sum(filled)
        mandate.learn(Outcome(tick, tuple(placed), None))
        assert traded[day] <= terms.wh_a_day


def test_what_is_allowed_stays_as_it_is():
    mandate = Mandate(Terms(50, 100, 96, 1_000), CLOCK)
    orders = (Order("a", Side.BID, 300, 100), Order("a", Side.ASK, 700, 50))
    assert mandate.within(0, orders) == orders


@pytest.mark.parametrize(
    ("order", "energy_wh", "price"),
    [
        (Order("a", Side.BID, 300, 101), 300, 100),
        (Order("a", Side.ASK, 300, 49), 300, 50),
        (Order("a", Side.ASK, 1_001, 60), 1_000, 60),
    ],
)
def test_what_goes_beyond_is_cut_to_the_limit(order, energy_wh, price):
    (kept,) = Mandate(Terms(50, 100, 96, 1_000), CLOCK).within(0, [order])
    assert (kept.energy_wh, kept.price_wei_per_wh) == (energy_wh, price)


def test_a_new_day_begins_at_midnight():
    mandate = Mandate(Terms(0, 100, 96, 400), CLOCK)
    order = Order("a", Side.BID, 400, 100)
    mandate.learn(Outcome(7, (Placement(order, 0, filled_wh=400),), 100))
    assert mandate.within(7, [order]) == ()
    assert mandate.within(8, [order]) == (order,)
