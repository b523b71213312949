"""What a mechanism makes of a book: who trades how much with whom, at which two prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from p2p_cosim.core.limits import BASIS_POINTS
from p2p_cosim.core.types import Clearing, Order, Trade


class Pair(NamedTuple):
    """Energy (Wh) that a bid gets from an ask, and what either side's Wh costs (wei per Wh).

    bid, ask: indices into the book. The buyer pays at least what the seller gets; the
    difference is the operator's. A tuple, because a large round has 100,000 of them.
    """

    bid: int
    ask: int
    energy_wh: int
    buy_wei_per_wh: int
    sell_wei_per_wh: int


@dataclass(frozen=True, slots=True)
class ReferenceClearing:
    """The pairs in the order of the mechanism, and what follows from them.

    clearing: trades at the buyer's price; its own price is `floor(paid / energy)`, the
    volume-weighted price of the buyers, or None when nothing traded.
    filled_wh: energy traded by each order, in order of arrival.
    budget_surplus_wei: what buyers pay and sellers do not get.
    """

    pairs: tuple[Pair, ...]
    clearing: Clearing
    filled_wh: tuple[int, ...]
    budget_surplus_wei: int


def mix(k_basis_points: int, bid_price: int, ask_price: int) -> int:
    """`floor((k * bid + (10000 - k) * ask) / 10000)`: between the two if bid >= ask."""
    return (k_basis_points * bid_price + (BASIS_POINTS - k_basis_points) * ask_price) // (
        BASIS_POINTS
    )


def clearing_of(orders: Sequence[Order], pairs: Iterable[Pair]) -> ReferenceClearing:
    """Sums up the pairs of a book."""
    pairs = tuple(pairs)
    filled_wh = [0] * len(orders)
    energy = paid = received = welfare = 0
    trades = []
    for bid_id, ask_id, wh, buy, sell in pairs:
        bid, ask = orders[bid_id], orders[ask_id]
        filled_wh[bid_id] += wh
        filled_wh[ask_id] += wh
        energy += wh
        paid += wh * buy
        received += wh * sell
        welfare += wh * (bid.price_wei_per_wh - ask.price_wei_per_wh)
        trades.append(Trade(bid.trader, ask.trader, wh, buy, wh * (buy - sell)))
    price = paid // energy if energy else None
    surplus = paid - received
    clearing = Clearing(price, energy, welfare, tuple(trades), surplus)
    return ReferenceClearing(pairs, clearing, tuple(filled_wh), surplus)
