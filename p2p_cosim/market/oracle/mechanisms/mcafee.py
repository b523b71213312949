"""McAfee's trade reduction: prices that nobody who trades at them has set."""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.core.types import Order
from p2p_cosim.market.oracle.mechanisms.matching import Matching, match, side_by_side
from p2p_cosim.market.oracle.mechanisms.result import Pair, ReferenceClearing, clearing_of


def mcafee(orders: Sequence[Order], _k_basis_points: int) -> ReferenceClearing:
    """All pairs trade at the middle of the first limits left over, if the marginal pair agrees.

    Otherwise the two marginal orders trade nothing and set the prices of the orders ranked
    before them: buyers pay the marginal bid, sellers get the marginal ask, and the difference
    is the operator's. The longer side is rationed by rank. k has no effect.

    Truthful where every trader has one order and all quantities are equal. With unequal ones
    a trader may gain by asking for less energy or by moving its rank; limits and the
    operator's budget are still kept.

    Source: McAfee, J. Econ. Theory 56 (1992) 434, doi:10.1016/0022-0531(92)90091-U.
    """
    matching = match(orders)
    if matching is None:
        return clearing_of(orders, ())
    price = _outside_price(matching)
    if price is not None and matching.ask <= price <= matching.bid:
        return clearing_of(orders, (Pair(*pair, price, price) for pair in matching.matches))
    marginal_bid, marginal_ask, _ = matching.matches[-1]
    bids = matching.bids[: matching.bids.index(marginal_bid)]
    asks = matching.asks[: matching.asks.index(marginal_ask)]
    return clearing_of(
        orders,
        (Pair(*pair, matching.bid, matching.ask) for pair in side_by_side(orders, bids, asks)),
    )


def _outside_price(matching: Matching) -> int | None:
    """Middle of the first limits left over, rounded down; None if a side is sold out."""
    if matching.next_bid is None or matching.next_ask is None:
        return None
    return (matching.next_bid + matching.next_ask) // 2
