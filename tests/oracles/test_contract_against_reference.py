"""Random books: the contract and the Python reference must agree to the last wei."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market_world import RULES, TARIFF, World

from p2p_cosim.chain.pyevm import PyEvmChain
from p2p_cosim.core.types import Order, Reading, Side, Trade
from p2p_cosim.market.mechanisms import k_double_auction
from p2p_cosim.market.reference import ReferenceAccounts

TRADERS = tuple("abcdef")
EVERYBODY = (*TRADERS, "utility")
DEPOSIT_WEI = 4_000
K_BASIS_POINTS = (0, 3_333, 5_000, 10_000)


@pytest.fixture(scope="module")
def worlds():
    """One contract for each k on one chain, everybody funded, and the snapshot of that."""
    chain = PyEvmChain()
    worlds = {k: World(replace(RULES, k_basis_points=k), chain) for k in K_BASIS_POINTS}
    for world in worlds.values():
        world.deposit(**dict.fromkeys(EVERYBODY, DEPOSIT_WEI))
    return worlds, chain.snapshot()


def books(max_size: int, prices: st.SearchStrategy[int], energies: st.SearchStrategy[int]):
    order = st.builds(Order, st.sampled_from(TRADERS), st.sampled_from(Side), energies, prices)
    return st.lists(
        st.tuples(order, st.sampled_from((False, False, False, True))), max_size=max_size
    )


few_prices = st.integers(0, 4)  # mostly ties
all_prices = st.integers(0, 100)
small_books = books(8, few_prices | all_prices, st.integers(1, 6))
large_books = books(40, all_prices, st.integers(1, 60))
readings = st.dictionaries(st.sampled_from(TRADERS), st.integers(-40, 40), max_size=3).map(
    lambda metered: [Reading(*item) for item in metered.items()]
)


def rounds(book: st.SearchStrategy, count: int):
    """Several rounds in a row, so that debts, claims and used order slots carry over."""
    return st.lists(st.tuples(book, readings), min_size=count, max_size=count)


def check_rounds(worlds, k, rounds):
    """The same rounds in the contract and in the reference must end in the same accounts."""
    (by_k, snapshot) = worlds
    world = by_k[k]
    world.chain.revert(snapshot)
    oracle = ReferenceAccounts("utility", TARIFF)
    for name in EVERYBODY:
        oracle.credit(name, DEPOSIT_WEI)
    for round_id, (book, metered) in enumerate(rounds):
        orders = place(world, oracle, book)
        result = k_double_auction(orders, k)
        check_properties(result, orders)
        check_clearing(world, round_id, orders, result)
        oracle.book_clearing(orders, result)
        rows = [(world.address(r.trader), r.metered_wh) for r in metered]
        (*_, settled) = world.send("settle", round_id, rows, by="meter_oracle")
        oracle.settle(metered)
        missing = oracle.contracted_wh.keys() - {r.trader for r in metered}
        assert settled.args["missing"] == len(missing)
    check_accounts(world, oracle)  # once: this reading takes as long as a clearing


def place(world, oracle, book):
    """Send all orders, then the cancellations; the orders that stay in the book.

    The contract must accept and refuse as the reference does.
    """
    receipts = world.chain.transact_many([world.placement(order) for order, _ in book])
    orders = []
    order_ids = count()
    for (order, cancelled), receipt in zip(book, receipts, strict=True):
        assert receipt.status == (order.side is Side.ASK or oracle.can_bid(order))
        if not receipt.status:
            continue
        oracle.escrow(order)
        (placed,) = world.contract.decode_events(receipt)
        assert placed.args["orderId"] == next(order_ids)
        orders.append((placed.args["orderId"], order, cancelled))
    for order_id, order, cancelled in orders:
        if cancelled:
            world.send("cancel", order_id, by=order.trader)
            oracle.refund(order)
    return [order for _, order, cancelled in orders if not cancelled]


def check_clearing(world, round_id, orders, result):
    """The contract's events tell the same trades, in the same order, at the same price."""
    *trades, cleared = world.send("clear", round_id, by="operator")
    names = {world.address(name): name for name in EVERYBODY}
    assert result.clearing.trades == tuple(
        Trade(names[e.args["buyer"]], names[e.args["seller"]], e.args["energy"], e.args["price"])
        for e in trades
        if e.name == "TradeCleared"
    )
    assert cleared.args == {
        "round": round_id,
        "price": result.clearing.price_wei_per_wh or 0,
        "energy": result.clearing.energy_wh,
        "welfareWei": result.clearing.welfare_wei,
        "bids": sum(order.side is Side.BID for order in orders),
        "asks": sum(order.side is Side.ASK for order in orders),
    }


def check_properties(result, orders):
    """What must hold of any clearing, whoever computed it."""
    price, trades = result.clearing.price_wei_per_wh, result.clearing.trades
    bought, sold = Counter(), Counter()
    marginal_bid, marginal_ask = None, None
    for order, filled_wh in zip(orders, result.filled_wh, strict=True):
        assert 0 <= filled_wh <= order.energy_wh
        if filled_wh and order.side is Side.BID:
            assert order.price_wei_per_wh >= price
            bought[order.trader] += filled_wh
            marginal_bid = min(marginal_bid or order.price_wei_per_wh, order.price_wei_per_wh)
        elif filled_wh:
            assert order.price_wei_per_wh <= price
            sold[order.trader] += filled_wh
            marginal_ask = max(marginal_ask or 0, order.price_wei_per_wh)
    assert bought.total() == sold.total() == result.clearing.energy_wh
    assert sum(t.payment_wei for t in trades) == (price or 0) * bought.total()
    if trades:
        assert (marginal_ask or 0) <= price <= marginal_bid


def check_accounts(world, oracle):
    accounts = world.accounts(EVERYBODY)
    assert accounts == {
        name: (oracle.balance_wei[name], oracle.open_wei[name], oracle.energy_wh[name])
        for name in EVERYBODY
    }
    assert world.ether == sum(balance for balance, _, _ in accounts.values())
    assert sum(energy_wh for _, _, energy_wh in accounts.values()) == 0
    assert all(balance == 0 for balance, position, _ in accounts.values() if position < 0)
    assert world.contract.read.claims() == sum(max(0, p) for _, p, _ in accounts.values())


@settings(max_examples=500, deadline=None)
@given(k=st.sampled_from(K_BASIS_POINTS), rounds=rounds(small_books, 4))
def test_two_thousand_small_books(worlds, k, rounds):
    check_rounds(worlds, k, rounds)


@settings(max_examples=30, deadline=None)
@given(k=st.sampled_from(K_BASIS_POINTS), rounds=rounds(large_books, 1))
def test_large_books(worlds, k, rounds):
    check_rounds(worlds, k, rounds)
