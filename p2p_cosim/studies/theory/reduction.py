"""What truthful double auctions give up, against the number of traders.

Single units, values and costs uniform, everybody tells the truth, which is best for it here. SBBA
gives up at most one of q efficient trades, never the best, so at most 1 / q of the gains; MUDA's
loss vanishes as the market grows (Segal-Halevi, Hassidim and Aumann, arXiv:1607.05139 and
arXiv:1712.06848).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.oracle.baselines import muda, outcome_of, sbba
from p2p_cosim.market.oracle.mechanisms import MECHANISMS

RULES = ("mcafee", "sbba", "muda_lottery", "muda_vickrey")
_HALF = 5_000


@dataclass(frozen=True, slots=True)
class Given:
    """What a rule made of books of m buyers and m sellers. efficiency: of all books together.
    bound: mean over books of 1 - 1 / q, weighted with the gains, q efficient trades."""

    efficiency: float
    bound: float


def given(rule: str, m: int, books: int, rng: np.random.Generator) -> Given:
    """Books of 2m traders under a rule of `RULES`."""
    got = best = kept = 0.0
    for _ in range(books):
        orders = _book(m, rng)
        bids = sorted((o.price_wei_per_wh for o in orders if o.side is Side.BID), reverse=True)
        asks = sorted(o.price_wei_per_wh for o in orders if o.side is Side.ASK)
        gains = [v - c for v, c in zip(bids, asks, strict=True) if v >= c]
        best += sum(gains)
        kept += sum(gains) * (1 - 1 / len(gains)) if gains else 0.0
        got += _welfare(rule, orders, rng)
    return Given(got / best, kept / best)


def _book(m: int, rng: np.random.Generator) -> list[Order]:
    prices = rng.integers(0, 10**9, 2 * m).tolist()
    sides = [Side.BID] * m + [Side.ASK] * m
    return [
        Order(f"t{i}", side, 1, price)
        for i, (side, price) in enumerate(zip(sides, prices, strict=True))
    ]


def _welfare(rule: str, orders: list[Order], rng: np.random.Generator) -> int:
    if rule == "sbba":
        outcome = sbba(orders, rng)
    elif rule == "mcafee":
        outcome = outcome_of(orders, MECHANISMS[rule](orders, _HALF).pairs)
    else:
        outcome = muda(orders, rng, "lottery" if rule == "muda_lottery" else "vickrey")
    return outcome.welfare_wei(orders)
