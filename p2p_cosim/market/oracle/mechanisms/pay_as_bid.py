"""Pay-as-bid: every pair has a price of its own, between its two limits."""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.core.types import Order
from p2p_cosim.market.oracle.mechanisms.matching import match
from p2p_cosim.market.oracle.mechanisms.result import Pair, ReferenceClearing, clearing_of, mix


def pay_as_bid(orders: Sequence[Order], k_basis_points: int) -> ReferenceClearing:
    """Every matched pair trades at `mix(bid limit, ask limit)`."""
    matching = match(orders)
    pairs = []
    for bid, ask, energy_wh in matching.matches if matching else ():
        price = mix(k_basis_points, orders[bid].price_wei_per_wh, orders[ask].price_wei_per_wh)
        pairs.append(Pair(bid, ask, energy_wh, price, price))
    return clearing_of(orders, pairs)
