"""A chain that remembers what passed through it, by whomever it was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from p2p_cosim.core.errors import ChainError
from p2p_cosim.core.protocols import Chain, ChainCapabilities
from p2p_cosim.core.types import Included, Receipt, Transaction

KEPT_TRANSACTIONS = 20_000
"""So many of the newest transactions are remembered at least: five days of 30 houses."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    inner: object
    position: int


class OpenChain:
    """Any chain as it is (`core.protocols.Chain`), and what it has done (`Explorer`).

    chain: the backend. kept: how many of the newest transactions are remembered at least, and
    twice as many at most; None for all.
    Whoever sends past this object, straight to the backend, is not seen.
    """

    def __init__(self, chain: Chain, kept: int | None = KEPT_TRANSACTIONS) -> None:
        self.inner = chain
        self._kept = kept
        self._included: list[Included] = []
        self._position = 0
        self._turns = 0

    def __repr__(self) -> str:
        return f"OpenChain({self.inner!r}, {self._position} transactions)"

    @classmethod
    def of(cls, chain: Chain) -> OpenChain:
        """The chain itself if it is open, and opened otherwise."""
        return chain if isinstance(chain, OpenChain) else cls(chain)

    @property
    def position(self) -> int:
        """How many transactions passed so far."""
        return self._position

    @property
    def turns(self) -> int:
        """How often the chain went back to a snapshot."""
        return self._turns

    def included(self, start: int) -> Sequence[Included]:
        """All transactions from a position on. Raises ChainError if some are forgotten."""
        forgotten = self._position - len(self._included)
        if start < forgotten:
            raise ChainError(
                f"transaction {start} is kept no more, the oldest is {forgotten}: raise `kept`"
            )
        return self._included[start - forgotten :]

    # ---------------------------------------------------------------- as the chain itself

    @property
    def capabilities(self) -> ChainCapabilities:
        """The backend's."""
        return self.inner.capabilities

    @property
    def timestamp(self) -> int:
        """Timestamp of the block that is being built (Unix seconds)."""
        return self.inner.timestamp

    def account(self, label: str) -> str:
        """As `Chain.account`."""
        return self.inner.account(label)

    def advance_to(self, timestamp: int) -> None:
        """As `Chain.advance_to`."""
        self.inner.advance_to(timestamp)

    def transact_many(self, transactions: Sequence[Transaction]) -> list[Receipt]:
        """As `Chain.transact_many`."""
        receipts = self.inner.transact_many(transactions)
        self._included.extend(map(Included, transactions, receipts))
        self._position += len(receipts)
        if self._kept is not None and len(self._included) > 2 * self._kept:
            del self._included[: -self._kept]
        return receipts

    def call(self, transaction: Transaction) -> tuple[bool, bytes]:
        """As `Chain.call`."""
        return self.inner.call(transaction)

    def balance_wei(self, address: str) -> int:
        """As `Chain.balance_wei`."""
        return self.inner.balance_wei(address)

    def snapshot(self) -> object:
        """As `Chain.snapshot`."""
        return _Snapshot(self.inner.snapshot(), self._position)

    def revert(self, token: object) -> None:
        """As `Chain.revert`; what came after the snapshot is forgotten."""
        if not isinstance(token, _Snapshot):
            raise ChainError(f"{token!r} is not a snapshot of this chain")
        self.inner.revert(token.inner)
        forgotten = self._position - len(self._included)
        del self._included[max(0, token.position - forgotten) :]
        self._position = token.position
        self._turns += 1

    def close(self) -> None:
        """As `Chain.close`."""
        self.inner.close()
