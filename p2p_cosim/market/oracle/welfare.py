"""Welfare of a book of orders, its split between the sides, and the curves to draw it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.types import Order, Side

IntArray = NDArray[np.int64]


def optimal_welfare_wei(orders: Sequence[Order]) -> int:
    """The most that any matching of the book can gain: sum of bid limits minus ask limits.

    It is the maximum over traded energy Q of (value of the Q Wh that buyers value most)
    minus (cost of the cheapest Q Wh): concave in Q and linear between the steps of the
    two curves, so that a step is where the maximum lies.
    """
    demand, supply = _steps(orders, Side.BID), _steps(orders, Side.ASK)
    total_wh = min(sum(wh for wh, _ in demand), sum(wh for wh, _ in supply))
    ends = {end for curve in (demand, supply) for end in accumulate(wh for wh, _ in curve)}
    gains = (_worth(demand, wh) - _worth(supply, wh) for wh in ends if wh <= total_wh)
    return max((0, *gains))


def traders_surplus_wei(
    orders: Sequence[Order], filled_wh: Sequence[int], price_wei_per_wh: int
) -> tuple[int, int]:
    """(buyers' surplus, sellers' surplus) of fills at one price, in wei.

    A buyer gains its limit minus the price for each Wh, a seller the price minus its limit.
    """
    buyers = sellers = 0
    for order, wh in zip(orders, filled_wh, strict=True):
        if order.side is Side.BID:
            buyers += wh * (order.price_wei_per_wh - price_wei_per_wh)
        else:
            sellers += wh * (price_wei_per_wh - order.price_wei_per_wh)
    return buyers, sellers


def curve(orders: Sequence[Order], side: Side) -> tuple[IntArray, IntArray]:
    """Demand (bids) or supply (asks) as corner points to draw with straight lines.

    Returns (energy_wh, price_wei_per_wh), both of shape (2 n,) for n orders on that side:
    cumulated energy from the best order on, and its limit price.
    """
    steps = _steps(orders, side)
    edges = [0, *accumulate(wh for wh, _ in steps)]
    energy_wh = [edge for both in pairwise(edges) for edge in both]
    price = [price for _, price in steps for _ in range(2)]
    return np.array(energy_wh, dtype=np.int64), np.array(price, dtype=np.int64)


def _steps(orders: Sequence[Order], side: Side) -> list[tuple[int, int]]:
    steps = [(o.energy_wh, o.price_wei_per_wh) for o in orders if o.side is side]
    return sorted(steps, key=lambda step: step[1], reverse=side is Side.BID)


def _worth(steps: Sequence[tuple[int, int]], energy_wh: int) -> int:
    total = 0
    for wh, price in steps:
        taken = min(wh, energy_wh)
        total += taken * price
        energy_wh -= taken
    return total
