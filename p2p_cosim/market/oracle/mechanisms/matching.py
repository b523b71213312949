"""The matching that four mechanisms share: best bid with best ask while their limits cross.

The contract walks two lists and keeps what is left of two orders. This lays the ranked orders
end to end on an axis of energy, for either side, and cuts the axis where an order ends.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from p2p_cosim.core.types import Order, Side


@dataclass(frozen=True, slots=True)
class Matching:
    """The matched part of a book, before any price is set. Not empty: see `match`.

    bids, asks: all orders of either side by rank, as indices into the book.
    matches: (bid, ask, energy_wh) in the order of rank.
    bid, ask: limit prices of the marginal pair, the last that is matched.
    next_bid, next_ask: limit price of the first Wh that is not matched; None if all are.
    """

    bids: tuple[int, ...]
    asks: tuple[int, ...]
    matches: tuple[tuple[int, int, int], ...]
    bid: int
    ask: int
    next_bid: int | None
    next_ask: int | None


def match(orders: Sequence[Order]) -> Matching | None:
    """Matches a book in order of arrival; None if nothing crosses. n log n.

    Bids rank by price descending, asks ascending, ties by arrival.
    """
    bids, asks = ranked(orders)
    matches = []
    for bid, ask, energy_wh in side_by_side(orders, bids, asks):
        if orders[bid].price_wei_per_wh < orders[ask].price_wei_per_wh:
            break
        matches.append((bid, ask, energy_wh))
    if not matches:
        return None
    matched_wh = sum(energy_wh for _, _, energy_wh in matches)
    last_bid, last_ask, _ = matches[-1]
    return Matching(
        tuple(bids),
        tuple(asks),
        tuple(matches),
        orders[last_bid].price_wei_per_wh,
        orders[last_ask].price_wei_per_wh,
        _price_at(orders, bids, matched_wh),
        _price_at(orders, asks, matched_wh),
    )


def ranked(orders: Sequence[Order]) -> tuple[list[int], list[int]]:
    """Bids and asks, best first, as indices into the book."""
    bids = [i for i, order in enumerate(orders) if order.side is Side.BID]
    asks = [i for i, order in enumerate(orders) if order.side is Side.ASK]
    bids.sort(key=lambda i: -orders[i].price_wei_per_wh)
    asks.sort(key=lambda i: orders[i].price_wei_per_wh)
    return bids, asks


def side_by_side(
    orders: Sequence[Order], bids: Sequence[int], asks: Sequence[int]
) -> Iterator[tuple[int, int, int]]:
    """(bid, ask, energy_wh) of two sides laid end to end, whatever their limits, in rank order."""
    bid_ends, ask_ends = _ends(orders, bids), _ends(orders, asks)
    both = min(bid_ends[-1], ask_ends[-1]) if bids and asks else 0
    start = b = a = 0
    for end in sorted({end for end in (*bid_ends, *ask_ends) if end <= both}):
        while bid_ends[b] <= start:
            b += 1
        while ask_ends[a] <= start:
            a += 1
        yield bids[b], asks[a], end - start
        start = end


def _ends(orders: Sequence[Order], side: Sequence[int]) -> list[int]:
    return list(accumulate(orders[i].energy_wh for i in side))


def _price_at(orders: Sequence[Order], side: Sequence[int], energy_wh: int) -> int | None:
    """Limit price of the Wh that follows the first `energy_wh` of a side."""
    order = bisect_right(_ends(orders, side), energy_wh)
    return orders[side[order]].price_wei_per_wh if order < len(side) else None
