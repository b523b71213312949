"""The five on-chain mechanisms: cases worked by hand, and what holds of every random book."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.oracle.mechanisms import (
    MECHANISMS,
    continuous,
    k_double_auction,
    mcafee,
    pay_as_bid,
    walrasian,
)


def bid(trader, energy_wh, price):
    return Order(trader, Side.BID, energy_wh, price)


def ask(trader, energy_wh, price):
    return Order(trader, Side.ASK, energy_wh, price)


def prices(result):
    return [(pair.buy_wei_per_wh, pair.sell_wei_per_wh) for pair in result.pairs]


orders = st.builds(
    Order,
    st.sampled_from("abcdef"),
    st.sampled_from(Side),
    st.integers(1, 8),
    st.integers(0, 12) | st.integers(0, 2**48 - 1),
)
books = st.lists(orders, max_size=20)
ks = st.integers(0, 10_000)
some = settings(max_examples=60, deadline=None)

# Two bids and two asks trade; the bid of 30 and the ask of 40 are the first left over.
LADDER = [bid("a", 5, 60), bid("b", 5, 50), bid("c", 5, 30)]
LADDER += [ask("x", 5, 10), ask("y", 5, 20), ask("z", 5, 40)]


def test_walrasian_price_lies_between_the_limits_left_over():
    assert prices(walrasian(LADDER, 0)) == [(30, 30)] * 2
    assert prices(walrasian(LADDER, 5_000)) == [(35, 35)] * 2
    assert prices(walrasian(LADDER, 10_000)) == [(40, 40)] * 2


@pytest.mark.parametrize("k", [0, 5_000, 10_000])
def test_the_rationed_side_sets_the_walrasian_price(k):
    long_asks = [bid("a", 5, 60), ask("x", 3, 10), ask("y", 3, 20)]
    long_bids = [bid("a", 3, 60), bid("b", 3, 50), ask("x", 5, 10)]
    assert prices(walrasian(long_asks, k)) == [(20, 20)] * 2
    assert prices(walrasian(long_bids, k)) == [(50, 50)] * 2


def test_equal_limits_left_over_ration_both_walrasian_sides_at_one_price():
    book = [bid("a", 2, 30), bid("b", 2, 30), ask("x", 3, 30), ask("y", 3, 20)]
    assert set(prices(walrasian(book, 0))) == {(30, 30)}


def test_pay_as_bid_prices_each_pair_between_its_own_limits():
    assert prices(pay_as_bid(LADDER, 5_000)) == [(35, 35), (35, 35)]
    assert prices(pay_as_bid(LADDER, 2_500)) == [(22, 22), (27, 27)]
    result = pay_as_bid([bid("a", 1, 60), bid("b", 2, 40), ask("x", 3, 10)], 10_000)
    assert result.clearing.price_wei_per_wh == (60 + 2 * 40) // 3


def test_mcafee_trades_everything_at_the_middle_of_the_limits_left_over():
    result = mcafee(LADDER, 0)
    assert prices(result) == [(35, 35)] * 2
    assert result.budget_surplus_wei == 0


def test_mcafee_gives_up_the_marginal_orders_and_the_operator_keeps_the_spread():
    book = [*LADDER[:2], bid("c", 5, 45), *LADDER[3:5], ask("z", 5, 99)]  # middle 72 > bid 50
    result = mcafee(book, 0)
    assert result.pairs == ((0, 3, 5, 50, 20),)
    assert result.budget_surplus_wei == 5 * 30
    assert result.clearing.welfare_wei == 5 * 50
    assert result.clearing.price_wei_per_wh == 50


def test_mcafee_gives_up_the_marginal_orders_when_a_side_is_sold_out():
    assert mcafee([bid("a", 5, 60), ask("x", 5, 10)], 0).pairs == ()
    assert mcafee(LADDER[:1] + LADDER[3:], 0).pairs == ()
    assert mcafee(LADDER[:2] + LADDER[3:5], 0).pairs == ((0, 2, 5, 50, 20),)


def test_mcafee_rations_the_longer_side_by_rank_once_the_marginal_orders_are_gone():
    book = [bid("a", 4, 60), bid("b", 4, 55), bid("c", 1, 50), ask("x", 6, 10), ask("y", 3, 20)]
    assert mcafee(book, 0).pairs == ((0, 3, 4, 50, 20), (1, 3, 2, 50, 20))


def test_a_marginal_order_filled_in_part_is_the_limit_left_over():
    book = [bid("a", 5, 60), bid("b", 5, 50), ask("x", 7, 10), ask("y", 3, 48)]
    assert mcafee([*book, ask("z", 1, 60)], 0).pairs == ((0, 2, 5, 50, 48),)  # no bid left over
    half = [bid("a", 5, 60), bid("b", 5, 50), ask("x", 7, 10), ask("y", 1, 52)]
    assert prices(mcafee(half, 0)) == []  # 51 is above the marginal bid of 50; x was marginal


def test_continuous_trades_at_the_limit_of_the_order_that_was_there_first():
    book = [ask("x", 5, 20), ask("y", 5, 10), bid("a", 7, 30), bid("b", 9, 20), ask("z", 9, 15)]
    result = continuous(book, 0)
    assert result.pairs == (
        (2, 1, 5, 10, 10),
        (2, 0, 2, 20, 20),
        (3, 0, 3, 20, 20),
        (3, 4, 6, 20, 20),
    )
    assert result.filled_wh == (5, 5, 7, 9, 6)


def test_continuous_may_match_orders_that_a_call_auction_leaves_out():
    book = [ask("x", 5, 40), bid("a", 5, 45), ask("y", 5, 10), bid("b", 5, 30)]
    assert continuous(book, 0).clearing.energy_wh == 10
    assert k_double_auction(book, 0).clearing.energy_wh == 5
    assert continuous(book, 0).clearing.welfare_wei < k_double_auction(book, 0).clearing.welfare_wei


def test_resting_orders_of_one_price_trade_in_order_of_arrival():
    book = [bid("a", 2, 20), bid("b", 2, 20), ask("x", 3, 10)]
    assert continuous(book, 0).filled_wh == (2, 1, 3)


@pytest.mark.parametrize("mechanism", MECHANISMS.values(), ids=MECHANISMS)
@some
@given(book=books, k=ks)
def test_every_pair_keeps_both_limits_and_the_operator_never_pays(mechanism, book, k):
    result = mechanism(book, k)
    filled = [0] * len(book)
    for pair in result.pairs:
        assert book[pair.bid].side is Side.BID
        assert book[pair.ask].side is Side.ASK
        assert pair.energy_wh > 0
        assert book[pair.ask].price_wei_per_wh <= pair.sell_wei_per_wh <= pair.buy_wei_per_wh
        assert pair.buy_wei_per_wh <= book[pair.bid].price_wei_per_wh
        filled[pair.bid] += pair.energy_wh
        filled[pair.ask] += pair.energy_wh
    assert tuple(filled) == result.filled_wh
    assert all(wh <= order.energy_wh for wh, order in zip(filled, book, strict=True))
    paid = sum(pair.energy_wh * pair.buy_wei_per_wh for pair in result.pairs)
    received = sum(pair.energy_wh * pair.sell_wei_per_wh for pair in result.pairs)
    assert result.budget_surplus_wei == paid - received
    assert (result.clearing.price_wei_per_wh is None) == (not result.pairs)
    if result.pairs:
        energy = result.clearing.energy_wh
        assert result.clearing.price_wei_per_wh * energy <= paid
        assert (result.clearing.price_wei_per_wh + 1) * energy > paid


@some
@given(book=books, k=ks)
def test_three_mechanisms_trade_the_same_pairs_at_other_prices(book, k):
    matches = [p[:3] for p in k_double_auction(book, k).pairs]
    assert [p[:3] for p in walrasian(book, k).pairs] == matches
    assert [p[:3] for p in pay_as_bid(book, k).pairs] == matches


@some
@given(book=books, k=ks)
def test_at_the_walrasian_price_nobody_wants_to_trade_more_or_less(book, k):
    """The definition of a competitive equilibrium, without the rule that finds one."""
    result = walrasian(book, k)
    price = result.clearing.price_wei_per_wh
    if price is None:
        return
    for order, filled_wh in zip(book, result.filled_wh, strict=True):
        gain = (
            order.price_wei_per_wh - price
            if order.side is Side.BID
            else (price - order.price_wei_per_wh)
        )
        if gain > 0:
            assert filled_wh == order.energy_wh
        if gain < 0:
            assert filled_wh == 0


@some
@given(book=books)
def test_k_moves_the_price_up_to_the_rounding_and_nothing_else(book):
    for name in ("k_double_auction", "walrasian", "pay_as_bid"):
        results = [MECHANISMS[name](book, k) for k in (0, 2_500, 5_000, 10_000)]
        assert len({r.filled_wh for r in results}) == 1
        for low, high in pairwise(results):
            assert all(a <= b for a, b in zip(prices(low), prices(high), strict=True))


@some
@given(
    sides=st.lists(st.tuples(st.sampled_from(Side), st.integers(1, 9)), max_size=12), data=st.data()
)
def test_a_call_auction_does_not_ask_who_came_first_without_ties(sides, data):
    book = [Order(f"t{i}", side, wh, (i * 7) % 12) for i, (side, wh) in enumerate(sides)]
    shuffled = data.draw(st.permutations(book))
    for name in ("k_double_auction", "walrasian", "pay_as_bid", "mcafee"):
        result, other = MECHANISMS[name](book, 5_000), MECHANISMS[name](shuffled, 5_000)
        assert result.clearing == other.clearing
        assert result.budget_surplus_wei == other.budget_surplus_wei
