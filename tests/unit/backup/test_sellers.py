"""Who is named to a house that lost its supply."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from p2p_cosim.backup import Known, tie_is_live, who_can_sell
from p2p_cosim.core.types import HouseSite, MeterView, Order, Placement, Seller, Side

SITES = tuple(HouseSite(f"house_{n}", "675", "B", f"service_{n}") for n in range(1, 7))
TIE = {"house_1": "service_2"}


def known(v_pu=(0, 1, 1, 1, 1, 1), spare_wh=(0, 400, 200, 0, 0, 0), asks=(), on_tie=(), ties=TIE):
    zeros = np.zeros(len(SITES))
    v = np.array(v_pu, dtype=float)
    placements = [
        Placement(Order(f"house_{n}", side, 100, price), None if rejected else i)
        for i, (n, side, price, rejected) in enumerate(asks)
    ]
    forecast_wh = {site.name: -wh for site, wh in zip(SITES, spare_wh, strict=True)}
    view = MeterView(4, SITES, v, zeros, zeros, on_tie=frozenset(on_tie))
    return Known(view, placements, forecast_wh, ties)


def names(*args, **changes):
    return [seller.name for seller in who_can_sell("house_1", known(*args, **changes))]


def test_sellers_are_ranked_by_their_asks():
    asks = [(3, Side.ASK, 40, False), (2, Side.ASK, 56, False)]
    assert who_can_sell("house_1", known(asks=asks)) == (
        Seller("house_3", 40, 200),
        Seller("house_2", 56, 400),
    )


def test_of_several_asks_the_cheapest_in_the_book_counts():
    asks = [(2, Side.ASK, 50, False), (2, Side.ASK, 30, False), (3, Side.ASK, 40, False)]
    assert names(asks=asks) == ["house_2", "house_3"]
    refused = [(2, Side.ASK, 50, False), (2, Side.ASK, 30, True), (3, Side.ASK, 40, False)]
    assert names(asks=refused) == ["house_3", "house_2"]


def test_a_bid_is_no_price_of_a_seller():
    asks = [(2, Side.BID, 1, False), (3, Side.ASK, 40, False)]
    assert names(asks=asks) == ["house_3", "house_2"]


def test_who_did_not_ask_comes_last_and_the_larger_surplus_first():
    spare_wh = (0, 10, 20, 30, 0, 0)
    assert names(spare_wh=spare_wh, asks=[(2, Side.ASK, 99, False)]) == [
        *("house_2", "house_4", "house_3"),
    ]


def test_at_most_three():
    assert names(spare_wh=(0, 1, 2, 3, 4, 5)) == ["house_6", "house_5", "house_4"]


def test_an_ask_without_a_surplus_to_come_is_not_named():
    assert names(spare_wh=(0, 0, 200, 0, 0, 0), asks=[(2, Side.ASK, 1, False)]) == ["house_3"]


def test_the_dark_the_unread_and_those_on_a_tie_cannot_sell():
    spare_wh = (0, 400, 400, 400, 400, 400)
    v_pu = (0, 1, 0, np.nan, 0.69, 1)
    assert names(v_pu, spare_wh) == ["house_2", "house_6"]
    assert names(v_pu, spare_wh, on_tie=["house_6"]) == ["house_2"]


def test_nothing_reaches_a_house_without_a_tie_or_with_a_dead_one():
    assert names(ties={}) == []
    assert not tie_is_live("house_1", known(ties={}))
    dead = (0, 0, 1, 1, 1, 1)
    assert names(dead) == []
    assert not tie_is_live("house_1", known(dead))


def test_after_the_last_tick_there_is_nobody_to_name():
    last = known()
    last = Known(last.meters, last.placements, {}, last.tie_ends)
    assert tie_is_live("house_1", last)
    assert who_can_sell("house_1", last) == ()


@given(
    v_pu=st.lists(st.sampled_from([0.0, 0.5, 1.0, float("nan")]), min_size=6, max_size=6),
    spare_wh=st.lists(st.integers(-500, 500), min_size=6, max_size=6),
    prices=st.lists(st.tuples(st.integers(1, 6), st.integers(0, 9)), max_size=12),
)
def test_whoever_is_named_has_a_voltage_and_a_surplus(v_pu, spare_wh, prices):
    asks = [(n, Side.ASK, price, False) for n, price in prices]
    sellers = who_can_sell("house_1", known(v_pu, spare_wh, asks))
    assert len(sellers) <= 3
    assert len({seller.name for seller in sellers}) == len(sellers)
    for seller in sellers:
        index = int(seller.name[-1]) - 1
        assert seller.name != "house_1"
        assert v_pu[index] == 1.0
        assert seller.spare_wh == spare_wh[index] > 0
    order = [10 if s.ask_wei_per_wh is None else s.ask_wei_per_wh for s in sellers]
    assert order == sorted(order)
