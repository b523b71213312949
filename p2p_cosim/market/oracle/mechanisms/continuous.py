"""Continuous double auction: price-time priority, replayed in order of arrival."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.oracle.mechanisms.result import Pair, ReferenceClearing, clearing_of


def continuous(orders: Sequence[Order], _k_basis_points: int) -> ReferenceClearing:
    """Every order trades on arrival with the best that rest, at their limits; what is left rests.

    k has no effect: the earlier order's limit is the price. n log n.
    """
    resting: dict[Side, list[tuple[int, int]]] = {Side.BID: [], Side.ASK: []}
    left_wh = [order.energy_wh for order in orders]
    pairs = []
    for i, order in enumerate(orders):
        buys = order.side is Side.BID
        others = resting[Side.ASK if buys else Side.BID]
        while left_wh[i] and others:
            _, other = others[0]
            price = orders[other].price_wei_per_wh
            if price > order.price_wei_per_wh if buys else price < order.price_wei_per_wh:
                break
            energy_wh = min(left_wh[i], left_wh[other])
            left_wh[i] -= energy_wh
            left_wh[other] -= energy_wh
            bid, ask = (i, other) if buys else (other, i)
            pairs.append(Pair(bid, ask, energy_wh, price, price))
            if not left_wh[other]:
                heappop(others)
        if left_wh[i]:
            rank = -order.price_wei_per_wh if buys else order.price_wei_per_wh
            heappush(resting[order.side], (rank, i))
    return clearing_of(orders, pairs)
