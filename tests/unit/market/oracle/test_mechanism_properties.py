"""What docs/mechanisms.md promises of every mechanism: shown on random books, or refuted.

"Truthful" means: whatever the others say, no report of one's own gains more than the truth.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.oracle.baselines import Outcome, muda, outcome_of, sbba, vcg
from p2p_cosim.market.oracle.mechanisms import MECHANISMS
from p2p_cosim.market.oracle.mechanisms.matching import match
from p2p_cosim.market.oracle.welfare import optimal_welfare_wei

K = 5_000
MAX_PRICE = 12


def on_chain(name):
    return lambda book, seed: outcome_of(book, MECHANISMS[name](book, K).pairs)


CLEAR = {name: on_chain(name) for name in MECHANISMS} | {
    "vcg": lambda book, seed: vcg(book),
    "sbba": lambda book, seed: sbba(book, np.random.default_rng(seed)),
    "muda_lottery": lambda book, seed: muda(book, np.random.default_rng(seed)),
    "muda_vickrey": lambda book, seed: muda(book, np.random.default_rng(seed), "vickrey"),
}
EFFICIENT = ["k_double_auction", "walrasian", "pay_as_bid", "vcg"]
TRUTHFUL_FOR_UNITS = ["mcafee", "sbba", "muda_lottery", "muda_vickrey", "vcg"]
TRUTHFUL = ["muda_lottery", "muda_vickrey", "vcg"]
BALANCED = ["k_double_auction", "walrasian", "pay_as_bid", "continuous", "sbba", "muda_lottery"]

few = settings(max_examples=40, deadline=None)
some = settings(max_examples=100, deadline=None)
seeds = st.integers(0, 2**32)
limits = st.integers(0, MAX_PRICE)
sides = st.sampled_from(Side)


def bid(trader, energy_wh, price):
    return Order(trader, Side.BID, energy_wh, price)


def ask(trader, energy_wh, price):
    return Order(trader, Side.ASK, energy_wh, price)


@st.composite
def unit_books(draw):
    """One order of 10 Wh for each trader."""
    orders = draw(st.lists(st.tuples(sides, limits), min_size=1, max_size=10))
    return [Order(f"t{i}", side, 10, price) for i, (side, price) in enumerate(orders)]


@st.composite
def valuations(draw, side):
    """One or more orders of one trader, all on one side."""
    steps = st.lists(st.tuples(st.integers(1, 4), limits), min_size=1, max_size=3)
    return [("", side, wh, price) for wh, price in draw(steps)]


@st.composite
def multi_unit_books(draw):
    """Several orders of several energies for each trader, who either buys or sells."""
    members = draw(st.lists(sides, min_size=1, max_size=7))
    return [
        Order(f"t{i}", *order[1:])
        for i, side in enumerate(members)
        for order in draw(valuations(side))
    ]


# Efficient


@pytest.mark.parametrize("name", EFFICIENT)
@few
@given(book=multi_unit_books())
def test_efficient(name, book):
    assert CLEAR[name](book, 0).welfare_wei(book) == optimal_welfare_wei(book)


@pytest.mark.parametrize("name", sorted(CLEAR.keys() - EFFICIENT))
@few
@given(book=multi_unit_books(), seed=seeds)
def test_never_more_than_efficient(name, book, seed):
    assert 0 <= CLEAR[name](book, seed).welfare_wei(book) <= optimal_welfare_wei(book)


@pytest.mark.parametrize("name", ["mcafee", "sbba"])
@few
@given(book=unit_books(), seed=seeds)
def test_trade_reduction_gives_up_one_pair_at_most(name, book, seed):
    outcome, best = CLEAR[name](book, seed), match(book)
    pairs = sum(wh for _, _, wh in best.matches) // 10 if best else 0
    assert sum(outcome.filled_wh) // 20 in {pairs, pairs - 1}
    if name == "mcafee":  # which pair is the least gain; SBBA gives up a random seller
        assert outcome.welfare_wei(book) * pairs >= optimal_welfare_wei(book) * (pairs - 1)


def test_trade_reduction_and_muda_lose_the_only_pair():
    book = [bid("a", 10, 60), ask("x", 10, 20)]
    assert optimal_welfare_wei(book) == 400
    for name in ("mcafee", "sbba", "muda_lottery", "muda_vickrey"):
        assert [CLEAR[name](book, seed).welfare_wei(book) for seed in range(20)] == [0] * 20


def test_continuous_depends_on_arrival():
    book = [ask("x", 5, 40), bid("a", 5, 45), ask("y", 5, 10), bid("b", 5, 30)]
    other = [book[i] for i in (1, 2, 0, 3)]
    assert optimal_welfare_wei(book) == 175
    assert CLEAR["continuous"](book, 0).welfare_wei(book) == 125
    assert CLEAR["continuous"](other, 0).welfare_wei(other) == 175


@pytest.mark.parametrize("name", ["muda_lottery", "muda_vickrey"])
def test_muda_approaches_efficiency_in_large_markets(name):
    def mean_efficiency(traders):
        shares = []
        for seed in range(8):
            rng = np.random.default_rng((traders, seed))
            book = [
                Order(f"t{i}", Side.BID if i % 2 else Side.ASK, 10, int(price))
                for i, price in enumerate(rng.integers(0, 1_000, traders))
            ]
            shares.append(CLEAR[name](book, seed).welfare_wei(book) / optimal_welfare_wei(book))
        return np.mean(shares)

    assert mean_efficiency(10) < 0.75
    assert mean_efficiency(400) > 0.88


# Truthful


def gain_wei(valuation, outcome: Outcome, book, trader):
    """Gain of a trader with the given true orders, whatever orders it has in the book."""
    traded_wh = sum(
        wh for order, wh in zip(book, outcome.filled_wh, strict=True) if order.trader == trader
    )
    buys = valuation[0].side is Side.BID
    worth_wei = 0
    for order in sorted(valuation, key=lambda o: o.price_wei_per_wh, reverse=buys):
        wh = min(order.energy_wh, traded_wh)
        worth_wei += wh * order.price_wei_per_wh
        traded_wh -= wh
    if traded_wh and not buys:
        return -float("inf")  # sold what it does not have; what it bought in excess is worth 0
    return (worth_wei if buys else -worth_wei) - outcome.paid_wei.get(trader, 0)


@pytest.mark.parametrize("name", TRUTHFUL_FOR_UNITS)
@some
@given(book=unit_books(), seed=seeds, data=st.data())
def test_truthful_for_one_order_of_equal_energy(name, book, seed, data):
    """Every trader of the book tries every price there is."""
    honest = CLEAR[name](book, seed)
    i = data.draw(st.integers(0, len(book) - 1))
    true = book[i]
    gain = honest.gain_wei(book, true.trader)
    for price in range(MAX_PRICE + 2):
        lie = [*book]
        lie[i] = Order(true.trader, true.side, true.energy_wh, price)
        assert CLEAR[name](lie, seed).gain_wei(book, true.trader) <= gain


@pytest.mark.parametrize("name", TRUTHFUL)
@some
@given(book=multi_unit_books(), seed=seeds, data=st.data())
def test_truthful_for_any_valuation(name, book, seed, data):
    """A trader reports any other orders instead: more, fewer, other energies and prices."""
    trader = data.draw(st.sampled_from(sorted({order.trader for order in book})))
    true = [order for order in book if order.trader == trader]
    first = book.index(true[0])
    said = [Order(trader, *o[1:]) for o in data.draw(valuations(true[0].side))]
    lie = [*book[:first], *said, *book[first + len(true) :]]
    honest_wei = gain_wei(true, CLEAR[name](book, seed), book, trader)
    assert gain_wei(true, CLEAR[name](lie, seed), lie, trader) <= honest_wei


LIES = {
    # name: (book, index of the liar's order, what it says instead)
    "k_double_auction": ([bid("a", 10, 60), ask("x", 10, 20)], 0, bid("a", 10, 20)),
    "walrasian": ([bid("a", 10, 60), ask("x", 10, 20)], 0, bid("a", 10, 20)),
    "pay_as_bid": ([bid("a", 10, 60), ask("x", 10, 20)], 0, bid("a", 10, 20)),
    "continuous": ([bid("a", 10, 60), ask("x", 10, 20)], 0, bid("a", 10, 20)),
    # Without the marginal orders x sells less than the bids want, by rank: rank higher.
    "mcafee": (
        [bid("a", 10, 60), bid("b", 20, 50), bid("c", 5, 45), ask("x", 25, 10), ask("y", 9, 40)],
        1,
        bid("b", 20, 61),
    ),
    # What the marginal ask has left over is the next ask, so that it sets its own price.
    "sbba": ([bid("a", 20, 60), ask("x", 25, 10)], 1, ask("x", 25, 50)),
}


@pytest.mark.parametrize("name", sorted(CLEAR.keys() - TRUTHFUL))
def test_a_lie_that_pays(name):
    book, liar, said = LIES[name]
    lie = [*book]
    lie[liar] = said
    honest_wei = CLEAR[name](book, 0).gain_wei(book, said.trader)
    assert CLEAR[name](lie, 0).gain_wei(book, said.trader) > honest_wei


def test_every_mechanism_is_either_truthful_or_has_a_lie():
    assert set(LIES) | set(TRUTHFUL) == set(CLEAR)
    assert set(LIES) & set(TRUTHFUL) == set()


# Individually rational


@pytest.mark.parametrize("name", CLEAR)
@few
@given(book=multi_unit_books(), seed=seeds)
def test_nobody_loses_by_taking_part(name, book, seed):
    outcome = CLEAR[name](book, seed)
    assert all(0 <= wh <= o.energy_wh for o, wh in zip(book, outcome.filled_wh, strict=True))
    for trader in {order.trader for order in book}:
        assert outcome.gain_wei(book, trader) >= 0


# Budget balanced


@pytest.mark.parametrize("name", CLEAR)
@few
@given(book=multi_unit_books(), seed=seeds)
def test_energy_and_budget_balance(name, book, seed):
    outcome = CLEAR[name](book, seed)
    traded = Counter()
    for order, wh in zip(book, outcome.filled_wh, strict=True):
        traded[order.side] += wh
    assert traded[Side.BID] == traded[Side.ASK]
    if name in BALANCED:
        assert outcome.budget_surplus_wei == 0
    elif name == "vcg":
        assert outcome.budget_surplus_wei <= 0
    else:
        assert outcome.budget_surplus_wei >= 0


def test_mcafee_and_vickrey_muda_leave_money_with_the_operator_and_vcg_takes_it():
    book = [bid("a", 10, 60), bid("b", 10, 50), ask("x", 10, 10), ask("y", 10, 40)]
    assert CLEAR["mcafee"](book, 0).budget_surplus_wei == 10 * (50 - 40)
    # b could pay 40 to 50 and a has displaced nobody; x would still sell at up to 50
    assert CLEAR["vcg"](book, 0).budget_surplus_wei == 2 * 10 * (40 - 50)
    crowd = [bid(f"b{i}", 10, 90 - i) for i in range(20)] + [ask(f"s{i}", 10, i) for i in range(9)]
    assert max(CLEAR["muda_vickrey"](crowd, seed).budget_surplus_wei for seed in range(20)) > 0


# The page


def test_the_page_promises_what_is_tested_here():
    page = (Path(__file__).parents[4] / "docs" / "mechanisms.md").read_text(encoding="utf-8")
    table = page.split("<!-- begin properties -->")[1].split("<!-- end properties -->")[0]
    rows = [line.strip("| ").split(" | ") for line in table.strip().splitlines()[2:]]
    assert [row[0] for row in rows] == list(CLEAR)
    for name, efficient, truthful, rational, balanced in rows:
        assert (efficient == "yes") == (name in EFFICIENT)
        assert truthful == (
            "yes" if name in TRUTHFUL else "equal orders" if name in TRUTHFUL_FOR_UNITS else "no"
        )
        assert rational == "yes"
        assert balanced == (
            "yes" if name in BALANCED else "no: deficit" if name == "vcg" else "surplus"
        )
