"""Competitive-equilibrium price: one at which nobody wants more or less than it trades."""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.core.types import Order
from p2p_cosim.market.oracle.mechanisms.matching import Matching, match
from p2p_cosim.market.oracle.mechanisms.result import Pair, ReferenceClearing, clearing_of, mix


def walrasian(orders: Sequence[Order], k_basis_points: int) -> ReferenceClearing:
    """All matched pairs trade at `mix(upper, lower)` of the equilibrium prices.

    These are the prices that no traded Wh refuses and no Wh left over improves on. Where an
    order is filled in part, only its own limit is left: the rationed side sets the price.
    """
    matching = match(orders)
    if matching is None:
        return clearing_of(orders, ())
    lower, upper = equilibrium_prices(matching)
    price = mix(k_basis_points, upper, lower)
    return clearing_of(orders, (Pair(*pair, price, price) for pair in matching.matches))


def equilibrium_prices(matching: Matching) -> tuple[int, int]:
    """Least and greatest competitive-equilibrium price, in wei per Wh."""
    lower, upper = matching.ask, matching.bid
    if matching.next_bid is not None:
        lower = max(lower, matching.next_bid)
    if matching.next_ask is not None:
        upper = min(upper, matching.next_ask)
    return lower, upper
