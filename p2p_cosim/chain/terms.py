"""On which terms a chain is open to others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from p2p_cosim.chain.rules import CHAIN_ID

KEPT_TRANSACTIONS = 20_000
"""So many of the newest transactions are remembered at least: five days of 30 houses."""


@dataclass(frozen=True, slots=True)
class Past:
    """What was before the first block that is remembered.

    first: number of that block. parent_hash: of the one before. nonces: how many transactions
    each address had sent.
    """

    first: int = 1
    parent_hash: bytes = bytes(32)
    nonces: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class ChainTerms:
    """What others see of a run's chain.

    chain_id: what wallets know it by and sign for. kept: how many of the newest transactions
    are remembered at least, and twice as many at most; None for all. past: what the chain goes
    on from in the eyes of wallets, where it takes the place of another.
    """

    chain_id: int = CHAIN_ID
    kept: int | None = KEPT_TRANSACTIONS
    past: Past = field(default_factory=Past)
