"""SBBA: McAfee's trade reduction with one price and nothing left for the operator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from p2p_cosim.core.types import Order
from p2p_cosim.market.oracle.baselines.outcome import Outcome, outcome_of
from p2p_cosim.market.oracle.mechanisms import Pair
from p2p_cosim.market.oracle.mechanisms.matching import match, side_by_side


def sbba(orders: Sequence[Order], rng: np.random.Generator) -> Outcome:
    """One price, `min(b, next ask)`, where b is the marginal bid.

    If the next ask sets it, everything trades. Otherwise the marginal bid order drops out, and
    the asks up to the marginal one are served by lot, so that with equal quantities exactly one
    random seller drops out with it. The lots do not depend on what anybody reports.

    Truthful where every trader has one order and all quantities are equal, as proved in the
    paper. With unequal ones this is our extension: limits and balance are kept, truth is not.

    Source: Segal-Halevi, Hassidim and Aumann, SAGT 2016, doi:10.1007/978-3-662-53354-3_21,
    arXiv:1607.05139.
    """
    lots = rng.permutation(len(orders))
    matching = match(orders)
    if matching is None:
        return outcome_of(orders, ())
    if matching.next_ask is not None and matching.next_ask <= matching.bid:
        price = matching.next_ask
        return outcome_of(orders, (Pair(*pair, price, price) for pair in matching.matches))
    marginal_bid, marginal_ask, _ = matching.matches[-1]
    bids = matching.bids[: matching.bids.index(marginal_bid)]
    asks = matching.asks[: matching.asks.index(marginal_ask) + 1]
    by_lot = sorted(asks, key=lambda ask: int(lots[ask]))
    price = matching.bid
    return outcome_of(
        orders, (Pair(*pair, price, price) for pair in side_by_side(orders, bids, by_lot))
    )
