"""Each on-chain mechanism in plain Python: the oracles that the contracts are tested against.

Never a substitute for the contracts. A mechanism is a function of a book in order of arrival
and of k in basis points; `MECHANISMS` has them by the names that a scenario uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from p2p_cosim.core.types import Order
from p2p_cosim.market.oracle.mechanisms.continuous import continuous
from p2p_cosim.market.oracle.mechanisms.k_double_auction import k_double_auction
from p2p_cosim.market.oracle.mechanisms.mcafee import mcafee
from p2p_cosim.market.oracle.mechanisms.pay_as_bid import pay_as_bid
from p2p_cosim.market.oracle.mechanisms.result import Pair, ReferenceClearing, clearing_of
from p2p_cosim.market.oracle.mechanisms.walrasian import walrasian

Mechanism = Callable[[Sequence[Order], int], ReferenceClearing]

MECHANISMS: Mapping[str, Mechanism] = MappingProxyType(
    {
        "k_double_auction": k_double_auction,
        "walrasian": walrasian,
        "pay_as_bid": pay_as_bid,
        "mcafee": mcafee,
        "continuous": continuous,
    }
)

__all__ = [
    "MECHANISMS",
    "Mechanism",
    "Pair",
    "ReferenceClearing",
    "clearing_of",
    "continuous",
    "k_double_auction",
    "mcafee",
    "pay_as_bid",
    "walrasian",
]
