"""MUDA: two random halves of the market, each priced by the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

import numpy as np

from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.oracle.baselines.outcome import Outcome
from p2p_cosim.market.oracle.mechanisms.matching import match, ranked
from p2p_cosim.market.oracle.mechanisms.walrasian import equilibrium_prices

Rationing = Literal["lottery", "vickrey"]


def muda(
    orders: Sequence[Order], rng: np.random.Generator, rationing: Rationing = "lottery"
) -> Outcome:
    """Every trader goes to one of two halves by a coin; each trades at the other's price.

    The price of a half is the middle of its competitive-equilibrium prices. At the other
    half's price the short side trades all it wants. On the long side, `lottery` lets the
    traders choose in random order at that price; `vickrey` serves the best limits, who pay
    what their energy is worth to those they displace, and at least the price.

    Truthful whatever quantities and however many orders a trader has, because its orders
    are a valuation with decreasing marginals. All chance is drawn before orders are read.

    Source: Segal-Halevi, Hassidim and Aumann, AAAI 2018, arXiv:1712.06848.
    """
    traders = list(dict.fromkeys(order.trader for order in orders))
    coins = rng.integers(0, 2, len(traders))
    lots = dict(zip(traders, rng.permutation(len(traders)).tolist(), strict=True))
    half_of = dict(zip(traders, coins.tolist(), strict=True))
    halves = [[i for i, o in enumerate(orders) if half_of[o.trader] == half] for half in (0, 1)]
    prices = [_price([orders[i] for i in half]) for half in halves]
    filled_wh = [0] * len(orders)
    paid_wei: defaultdict[str, int] = defaultdict(int)
    for half, price in zip(halves, reversed(prices), strict=True):
        if price is not None:
            _trade(
                orders, half, price, lots if rationing == "lottery" else None, filled_wh, paid_wei
            )
    return Outcome(tuple(filled_wh), dict(paid_wei))


def _price(orders: Sequence[Order]) -> int | None:
    """A price at which the orders demand and supply the same; None without orders."""
    matching = match(orders)
    if matching is not None:
        return sum(equilibrium_prices(matching)) // 2
    bids, asks = ranked(orders)
    best = [orders[side[0]].price_wei_per_wh for side in (bids, asks) if side]
    return sum(best) // len(best) if best else None


def _trade(
    orders: Sequence[Order],
    half: Sequence[int],
    price: int,
    lots: dict[str, int] | None,
    filled_wh: list[int],
    paid_wei: defaultdict[str, int],
) -> None:
    """Trades one half at a price from outside; by `lots` on the long side, or by Vickrey."""
    bids = [i for i in half if _accepts(orders[i], Side.BID, price)]
    asks = [i for i in half if _accepts(orders[i], Side.ASK, price)]
    bids.sort(key=lambda i: -orders[i].price_wei_per_wh)
    asks.sort(key=lambda i: orders[i].price_wei_per_wh)
    demand_wh, supply_wh = (sum(orders[i].energy_wh for i in side) for side in (bids, asks))
    volume_wh = min(demand_wh, supply_wh)
    for side, total_wh, sign in ((bids, demand_wh, 1), (asks, supply_wh, -1)):
        if lots is not None:
            side.sort(key=lambda i: lots[orders[i].trader])  # stable: one's best orders first
        _serve(orders, side, volume_wh, filled_wh)
        for i in side:
            paid_wei[orders[i].trader] += sign * filled_wh[i] * price
        if lots is None and total_wh > volume_wh:
            _charge_displaced(orders, side, price, filled_wh, paid_wei)


def _accepts(order: Order, side: Side, price: int) -> bool:
    return order.side is side and (
        order.price_wei_per_wh >= price if side is Side.BID else order.price_wei_per_wh <= price
    )


def _serve(
    orders: Sequence[Order], side: Sequence[int], volume_wh: int, filled_wh: list[int]
) -> None:
    for i in side:
        filled_wh[i] = min(orders[i].energy_wh, volume_wh)
        volume_wh -= filled_wh[i]


def _charge_displaced(
    orders: Sequence[Order],
    side: Sequence[int],
    price: int,
    filled_wh: Sequence[int],
    paid_wei: defaultdict[str, int],
) -> None:
    """Adds to the price what the best unserved energy of others would have paid above it."""
    for trader in {orders[i].trader: None for i in side if filled_wh[i]}:
        won_wh = sum(filled_wh[i] for i in side if orders[i].trader == trader)
        for i in side:
            if orders[i].trader != trader:
                displaced_wh = min(won_wh, orders[i].energy_wh - filled_wh[i])
                paid_wei[trader] += displaced_wh * abs(orders[i].price_wei_per_wh - price)
                won_wh -= displaced_wh
