"""The seams of the chain: what runs the contract, and what may be read of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from p2p_cosim.core.types import (
    Block,
    FoundLog,
    Included,
    Mined,
    Receipt,
    Transaction,
)


@dataclass(frozen=True, slots=True)
class ChainCapabilities:
    """What a chain backend can do exactly.

    exact_gas: `gas_used` equals the protocol's. blocks: real blocks with hashes.
    signatures: transactions are signed and recovered. fork: EVM rule set by name.
    """

    exact_gas: bool
    blocks: bool
    signatures: bool
    fork: str


@runtime_checkable
class Chain(Protocol):
    """An EVM. Addresses are checksum hex strings; time is simulated, in Unix seconds."""

    @property
    def capabilities(self) -> ChainCapabilities:
        """What this backend does exactly."""
        ...

    @property
    def timestamp(self) -> int:
        """Timestamp of the block that is being built."""
        ...

    def account(self, label: str) -> str:
        """The address of a labelled account, created and funded at first use.

        The same label gives the same address on every backend.
        """
        ...

    def advance_to(self, timestamp: int) -> None:
        """Close the block being built and begin one with this (strictly later) timestamp.

        Raises ChainError if the timestamp is not later than the present one.
        """
        ...

    def transact_many(self, transactions: Sequence[Transaction]) -> list[Receipt]:
        """Execute in order in the block being built. A revert is a receipt with
        `status=False` and the revert data in `output`, never an exception."""
        ...

    def call(self, transaction: Transaction) -> tuple[bool, bytes]:
        """Execute without effect on the present state: success, and output or revert data."""
        ...

    def balance_wei(self, address: str) -> int:
        """Ether held by an address."""
        ...

    def snapshot(self) -> object:
        """An opaque token of the present state, block and time."""
        ...

    def revert(self, token: object) -> None:
        """Go back to a snapshot. A token may be used more than once."""
        ...

    def close(self) -> None:
        """Let go of a process or connection; the chain is of no use after. Harmless twice."""
        ...


@runtime_checkable
class Explorer(Protocol):
    """What a chain has done, by whomever, and a way in for those who are no agents of the run.

    It stands on transactions, receipts and blocks alone, and so beside any `Chain`. The newest
    block is the one that is being built. Hashes have 32 bytes.
    """

    @property
    def chain_id(self) -> int:
        """What signatures are bound to (EIP-155)."""
        ...

    @property
    def position(self) -> int:
        """How many transactions there are so far."""
        ...

    @property
    def turns(self) -> int:
        """How often the chain went back to a snapshot: positions from before are void then."""
        ...

    def included(self, start: int) -> Sequence[Included]:
        """All transactions from the position `start` on, in block order.

        Raises ChainError if some of them are kept no more.
        """
        ...

    @property
    def head(self) -> int:
        """Number of the newest block."""
        ...

    def block(self, number: int) -> Block | None:
        """The block of a number, with its transactions; None if there is none."""
        ...

    def number_of(self, block_hash: bytes) -> int | None:
        """The number of the block with that hash."""
        ...

    def transaction(self, transaction_hash: bytes) -> Mined | None:
        """The transaction of that hash, with its receipt; None until it is in a block."""
        ...

    def logs(
        self,
        first: int,
        last: int,
        addresses: Collection[str] = (),
        topics: Sequence[Collection[bytes] | None] = (),
    ) -> Iterable[FoundLog]:
        """Logs of the blocks from first to last, in order.

        addresses: of the contracts that emitted them; empty for any. topics: for each place
        those that will do, None where any does; a log with fewer topics does not match.
        """
        ...

    def nonce(self, address: str) -> int:
        """How many transactions an address has sent."""
        ...

    def code(self, address: str) -> bytes:
        """The code at an address, empty if there is none."""
        ...

    def send_raw(self, raw: bytes) -> bytes:
        """Take a signed transaction for the next block, and return its hash.

        What came from outside stands first in the block, in the order in which it came; of one
        sender by nonce, and what is behind a gap of nonces waits. Raises ChainError, worded as
        wallets know it, for what is no transaction or not valid on this chain.
        """
        ...
