"""Random books: the contract and the Python reference must agree to the last wei."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market_world import RULES, TARIFF, World

from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.core.types import Order, Reading, Side, Trade
from p2p_cosim.market.oracle.mechanisms import MECHANISMS
from p2p_cosim.market.oracle.reference import ReferenceAccounts

TRADERS = tuple("abcdef")
EVERYBODY = (*TRADERS, "utility", "surplus")
DEPOSIT_WEI = 4_000
K_BASIS_POINTS = (0, 3_333, 5_000, 10_000)


ROUNDING_WEI = 4  # an account and round of which the utility could pay a part alone
PART = 3  # orders that a transaction pays out, where a round is cleared in parts


@pytest.fixture(scope="module")
def worlds():
    """A contract for each mechanism and k on one chain, everybody funded, and a snapshot."""
    chain = GeneratedChain()
    worlds = {
        (name, k): World(replace(RULES, mechanism=name, k_basis_points=k), chain)
        for name in MECHANISMS
        for k in K_BASIS_POINTS
    }
    for world in worlds.values():
        world.deposit(**dict.fromkeys((*TRADERS, "utility"), DEPOSIT_WEI))
        world.register(*TRADERS)
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


def check_rounds(worlds, mechanism, k, rounds, part=None):
    """The same rounds in the contract and in the reference must end in the same accounts."""
    by_name, snapshot = worlds
    world = by_name[mechanism, k]
    world.chain.revert(snapshot)
    oracle = ReferenceAccounts("utility", TARIFF)
    for name in (*TRADERS, "utility"):
        oracle.credit(name, DEPOSIT_WEI)
    for round_id, (book, metered) in enumerate(rounds, 1):
        orders = place(world, oracle, book)
        result = MECHANISMS[mechanism](orders, k)
        check_properties(result, orders)
        events = world.clear() if part is None else world.clear_in_parts(part)
        check_clearing(world, round_id, orders, result, events)
        oracle.book_clearing(round_id, orders, result)
        events = world.settle(round_id=round_id, **{r.trader: r.metered_wh for r in metered})
        oracle.settle(round_id, metered)
        (settled,) = (event for event in events if event.name == "RoundSettled")
        assert settled.args["missing"] == len(oracle.waiting[round_id])
    check_accounts(world, oracle)  # once: this reading takes as long as a clearing


def place(world, oracle, book):
    """Send all orders, then the cancellations; the orders that stay in the book.

    The contract must accept and refuse as the reference does.
    """
    receipts = world.chain.transact_many([world.placement(order) for order, _ in book])
    orders = []
    order_ids = count()
    for (order, cancelled), receipt in zip(book, receipts, strict=True):
        own = [other for _, other, _ in orders if other.trader == order.trader]
        assert receipt.status == oracle.can_place(order, own)
        if not receipt.status:
            continue
        oracle.escrow(order)
        (placed,) = (e for e in world.contract.decode_events(receipt) if e.name == "OrderPlaced")
        assert placed.args["orderId"] == next(order_ids)
        orders.append((placed.args["orderId"], order, cancelled))
    for order_id, order, cancelled in orders:
        if cancelled:
            world.cancel(order_id, by=order.trader)
            oracle.refund(order)
    return [order for _, order, cancelled in orders if not cancelled]


def check_clearing(world, round_id, orders, result, events):
    """The contract's events tell the same trades, in the same order, at the same prices."""
    names = {world.address(name): name for name in EVERYBODY}
    assert result.clearing.trades == tuple(
        trade_of(event, names) for event in events if event.name == "TradeCleared"
    )
    (cleared,) = (event for event in events if event.name == "RoundCleared")
    assert cleared.args == {
        "round": round_id,
        "price": result.clearing.price_wei_per_wh or 0,
        "energy": result.clearing.energy_wh,
        "welfareWei": result.clearing.welfare_wei,
        "surplusWei": result.budget_surplus_wei,
        "bids": sum(order.side is Side.BID for order in orders),
        "asks": sum(order.side is Side.ASK for order in orders),
    }


def trade_of(event, names):
    e = event.args
    budget_surplus_wei = e["energy"] * (e["buyPrice"] - e["sellPrice"])
    return Trade(
        names[e["buyer"]], names[e["seller"]], e["energy"], e["buyPrice"], budget_surplus_wei
    )


def check_properties(result, orders):
    """What must hold of any clearing, whoever computed it."""
    bought, sold = Counter(), Counter()
    for bid, ask, energy_wh, buy, sell in result.pairs:
        assert orders[bid].side is Side.BID
        assert orders[ask].side is Side.ASK
        assert orders[bid].price_wei_per_wh >= buy >= sell >= orders[ask].price_wei_per_wh
        bought[bid] += energy_wh
        sold[ask] += energy_wh
    filled_wh = bought + sold
    for i, order in enumerate(orders):
        assert 0 <= filled_wh[i] == result.filled_wh[i] <= order.energy_wh
    assert bought.total() == sold.total() == result.clearing.energy_wh
    paid, got = (
        sum(t.payment_wei for t in result.clearing.trades),
        sum(t.proceeds_wei for t in result.clearing.trades),
    )
    assert paid - got == result.budget_surplus_wei == result.clearing.budget_surplus_wei


def check_accounts(world, oracle):
    accounts = world.accounts(EVERYBODY)
    for name, (balance_wei, open_wei, energy_wh) in accounts.items():
        assert energy_wh == oracle.energy_wh[name], name
        # A claim that is paid in several parts is rounded once in the contract, for all of them.
        has = balance_wei + open_wei
        assert abs(balance_wei - oracle.balance_wei[name]) <= ROUNDING_WEI, name
        assert abs(has - oracle.balance_wei[name] - oracle.open_wei[name]) <= ROUNDING_WEI, name
    assert sum(energy_wh for _, _, energy_wh in accounts.values()) == 0
    assert world.totals.lockedWei == oracle.locked_wei
    world.check_money(TRADERS)


@settings(max_examples=60, deadline=None)
@given(k=st.sampled_from(K_BASIS_POINTS), rounds=rounds(small_books, 4))
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_small_books(worlds, mechanism, k, rounds):
    check_rounds(worlds, mechanism, k, rounds)


@settings(max_examples=8, deadline=None)
@given(k=st.sampled_from(K_BASIS_POINTS), rounds=rounds(large_books, 1))
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_large_books(worlds, mechanism, k, rounds):
    check_rounds(worlds, mechanism, k, rounds)


@settings(max_examples=25, deadline=None)
@given(part=st.integers(1, PART), rounds=rounds(small_books, 2))
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_parts_end_where_one_transaction_does(worlds, mechanism, part, rounds):
    check_rounds(worlds, mechanism, 5_000, rounds, part)
