"""Uniform-price k-double auction: the marginal pair sets one price for all."""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.oracle.mechanisms.matching import match
from p2p_cosim.market.oracle.mechanisms.result import Pair, ReferenceClearing, clearing_of, mix


def k_double_auction(
    orders: Sequence[Order], k_basis_points: int, price_size_wh: int = 1
) -> ReferenceClearing:
    """All matched pairs trade at `mix(b, a)` of the marginal bid b and ask a.

    Only orders of at least `price_size_wh` set the price; smaller ones trade at it, where their
    limits allow it. If no two orders of that size cross, all set it.

    Source: Rustichini, Satterthwaite and Williams, Econometrica 62 (1994) 1041.
    """
    large = match([order for order in orders if order.energy_wh >= price_size_wh])
    price = None if large is None else mix(k_basis_points, large.bid, large.ask)
    willing = [i for i, order in enumerate(orders) if price is None or _trades_at(order, price)]
    matching = match([orders[i] for i in willing])
    if matching is None:
        return clearing_of(orders, ())
    if price is None:
        price = mix(k_basis_points, matching.bid, matching.ask)
    return clearing_of(
        orders,
        (
            Pair(willing[bid], willing[ask], energy_wh, price, price)
            for bid, ask, energy_wh in matching.matches
        ),
    )


def _trades_at(order: Order, price: int) -> bool:
    limit = order.price_wei_per_wh
    return limit >= price if order.side is Side.BID else limit <= price
