"""Uniform-price k-double auction: the marginal pair sets one price for all."""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.core.types import Order
from p2p_cosim.market.oracle.mechanisms.matching import match
from p2p_cosim.market.oracle.mechanisms.result import Pair, ReferenceClearing, clearing_of, mix


def k_double_auction(orders: Sequence[Order], k_basis_points: int) -> ReferenceClearing:
    """All matched pairs trade at `mix(b, a)` of the marginal bid b and ask a.

    Source: Rustichini, Satterthwaite and Williams, Econometrica 62 (1994) 1041.
    """
    matching = match(orders)
    if matching is None:
        return clearing_of(orders, ())
    price = mix(k_basis_points, matching.bid, matching.ask)
    return clearing_of(orders, (Pair(*pair, price, price) for pair in matching.matches))
