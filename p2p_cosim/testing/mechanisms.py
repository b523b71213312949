"""Check of a mechanism: who trades with whom, at which two prices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.oracle.mechanisms import Pair, ReferenceClearing
from p2p_cosim.testing.findings import Findings

_BOOKS = 60
_LARGE_WH, _LARGE_PRICE = 2**39, 2**47  # products beyond what a float holds exactly


def check_mechanism(mechanism: Callable[[Sequence[Order], int], ReferenceClearing]) -> None:
    """Clear seventy books: empty ones, one-sided ones, ties, random ones, and ones so large that
    floats would lose wei.

    Raises ConformanceError unless every pair is a bid and an ask, gives nobody more than it
    ordered, costs a buyer at most its limit, brings a seller at least its limit and the operator
    no loss; totals are those of the pairs; and the same book is cleared the same way again.
    """
    name = getattr(mechanism, "__name__", type(mechanism).__name__)
    found = Findings(name, "Mechanism")
    for case, book in _books():
        for k_basis_points in (0, 5_000, 10_000):
            with found.case(f"{case}, k = {k_basis_points / 10_000:g}"):
                kept = list(book)
                cleared = mechanism(book, k_basis_points)
                found.expect(book == kept, f"{case}: it changes the book: copy it first")
                for problem in _problems(book, cleared):
                    found.expect(False, f"{case}: {problem}")
                found.expect(
                    mechanism(book, k_basis_points) == cleared,
                    f"{case}: cleared again, the book gives other trades",
                )
    found.close()


def _books() -> Iterator[tuple[str, list[Order]]]:
    yield "an empty book", []
    bid, ask = Order("a", Side.BID, 100, 50), Order("b", Side.ASK, 100, 40)
    yield "a bid alone", [bid]
    yield "an ask alone", [ask]
    yield "limits that do not cross", [Order("a", Side.BID, 100, 39), ask]
    yield "one pair", [bid, ask]
    yield "equal limits", [Order("a", Side.BID, 100, 40), ask]
    yield "a price of 0", [Order("a", Side.BID, 10, 0), Order("b", Side.ASK, 10, 0)]
    yield "ties", [*[bid] * 3, *[Order(f"s{i}", Side.ASK, 70, 40) for i in range(3)]]
    yield (
        "large numbers",
        [
            Order("a", Side.BID, _LARGE_WH + 1, _LARGE_PRICE + 1),
            Order("b", Side.ASK, _LARGE_WH - 1, _LARGE_PRICE - 2),
            Order("c", Side.ASK, _LARGE_WH, _LARGE_PRICE),
        ],
    )
    rng = np.random.default_rng(1)
    for number in range(_BOOKS):
        count = int(rng.integers(2, 25))
        yield f"random book {number}", [_order(rng, i) for i in range(count)]


def _order(rng: np.random.Generator, number: int) -> Order:
    side = Side.BID if rng.random() < 0.5 else Side.ASK
    return Order(f"t{number}", side, int(rng.integers(1, 500)), int(rng.integers(0, 40)))


def _problems(book: Sequence[Order], cleared: ReferenceClearing) -> Iterator[str]:
    filled = [0] * len(book)
    for number, pair in enumerate(cleared.pairs):
        where = f"pairs[{number}]"
        if not (0 <= pair.bid < len(book) and 0 <= pair.ask < len(book)):
            yield f"{where} names an order that is not in the book"
            continue
        yield from (f"{where}: {what}" for what in _wrong_pair(book, pair))
        filled[pair.bid] += pair.energy_wh
        filled[pair.ask] += pair.energy_wh
    for i, (order, wh) in enumerate(zip(book, filled, strict=True)):
        if wh > order.energy_wh:
            yield f"order {i} of {order.energy_wh} Wh trades {wh} Wh"
    yield from _wrong_totals(book, cleared, filled)


def _wrong_pair(book: Sequence[Order], pair: Pair) -> Iterator[str]:
    bid, ask = book[pair.bid], book[pair.ask]
    if bid.side is not Side.BID or ask.side is not Side.ASK:
        yield "it is not a bid with an ask"
    if not all(type(value) is int for value in pair):
        yield f"{tuple(pair)} holds what is no whole number: money needs them"
    if pair.energy_wh <= 0:
        yield f"it trades {pair.energy_wh} Wh"
    if pair.buy_wei_per_wh > bid.price_wei_per_wh:
        yield f"the buyer pays {pair.buy_wei_per_wh}, its limit is {bid.price_wei_per_wh} wei/Wh"
    if pair.sell_wei_per_wh < ask.price_wei_per_wh:
        yield f"the seller gets {pair.sell_wei_per_wh}, its limit is {ask.price_wei_per_wh} wei/Wh"
    if pair.buy_wei_per_wh < pair.sell_wei_per_wh:
        yield "the buyer pays less than the seller gets: somebody has to bring the difference"


def _wrong_totals(
    book: Sequence[Order], cleared: ReferenceClearing, filled: list[int]
) -> Iterator[str]:
    pairs, clearing = cleared.pairs, cleared.clearing
    energy_wh = sum(pair.energy_wh for pair in pairs)
    paid = sum(pair.energy_wh * pair.buy_wei_per_wh for pair in pairs)
    received = sum(pair.energy_wh * pair.sell_wei_per_wh for pair in pairs)
    welfare = sum(
        pair.energy_wh * (book[pair.bid].price_wei_per_wh - book[pair.ask].price_wei_per_wh)
        for pair in pairs
    )
    for what, told, right in (
        ("filled_wh", tuple(cleared.filled_wh), tuple(filled)),
        ("clearing.energy_wh", clearing.energy_wh, energy_wh),
        ("clearing.welfare_wei", clearing.welfare_wei, welfare),
        ("budget_surplus_wei", cleared.budget_surplus_wei, paid - received),
        ("clearing.price_wei_per_wh", clearing.price_wei_per_wh, _mean(paid, energy_wh)),
    ):
        if told != right:
            yield f"{what} is {told}, the pairs make {right}"


def _mean(paid_wei: int, energy_wh: int) -> int | None:
    return paid_wei // energy_wh if energy_wh else None
