"""Records of the EVM side: transactions, receipts and contract events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from p2p_cosim.core.often import made_often
from p2p_cosim.core.types.short import count

_SELECTOR = 4  # bytes of calldata that say which function is called


@made_often
@dataclass(frozen=True, slots=True)
class Transaction:
    """A message to the chain, with the sender given by address.

    to: checksum address, or None to create a contract.
    data: calldata, or init code for a creation.
    gas_limit: most gas that it may use.
    gas_price_wei: what the sender pays per gas to the block's coinbase; agents pay nothing.
    access_list: addresses and slots that are warm from the beginning (EIP-2930).
    signed: the transaction as its sender signed it, where it came from outside; empty for the
    run's own agents, whose senders must be accounts of the chain.
    """

    sender: str
    to: str | None
    data: bytes
    value_wei: int = 0
    gas_limit: int = 16_000_000  # just below 2**24, the cap of EIP-7825
    gas_price_wei: int = 0
    access_list: tuple[tuple[str, tuple[int, ...]], ...] = ()
    signed: bytes = b""

    def __repr__(self) -> str:
        call = f"to {self.to}" if self.to else "creating a contract"
        selector = f", 0x{self.data[:4].hex()}..." if self.to and len(self.data) > _SELECTOR else ""
        return f"Transaction({self.sender} {call}{selector}, {len(self.data)} bytes)"


@made_often
@dataclass(frozen=True, slots=True)
class Log:
    """A raw log entry: emitting contract, topics (32 bytes each) and data."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes

    def __repr__(self) -> str:
        topic = f"0x{self.topics[0].hex()[:8]}..., " if self.topics else ""
        return f"Log({self.address}, {topic}{len(self.topics)} topics, {len(self.data)} bytes)"


@made_often
@dataclass(frozen=True, slots=True)
class Event:
    """A decoded log entry: the event's name and its arguments by name."""

    name: str
    args: Mapping[str, object]


@made_often
@dataclass(frozen=True, slots=True)
class Receipt:
    """What a transaction did.

    status: True if it succeeded; `output` then is empty for transactions, and the revert
    data otherwise. `contract_address` is set for creations. `gas_used` is exact when the
    chain's capabilities say so. timestamp: of its block, in Unix seconds.
    """

    status: bool
    gas_used: int
    logs: tuple[Log, ...] = ()
    output: bytes = b""
    contract_address: str | None = None
    block_number: int = 0
    timestamp: int = 0

    def __repr__(self) -> str:
        done = "ok" if self.status else "reverted"
        block = f"block {self.block_number}"
        return f"Receipt({done}, {self.gas_used} gas, {count(len(self.logs), 'log')}, {block})"


@made_often
@dataclass(frozen=True, slots=True)
class Included:
    """A transaction that a block contains, with what it did."""

    transaction: Transaction
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Mined:
    """A transaction in its place on the chain.

    hash: 32 bytes. nonce: its number among its sender's. index: its place in its block.
    first_log: place in the block of its first log.
    """

    transaction: Transaction
    receipt: Receipt
    hash: bytes
    nonce: int
    block_number: int
    index: int
    first_log: int

    def __repr__(self) -> str:
        place = f"transaction {self.index} of block {self.block_number}"
        return f"Mined({place}, 0x{self.hash[:4].hex()}..., {self.receipt!r})"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the chain. hash, parent_hash: 32 bytes. timestamp: Unix seconds.

    The hash stands for the block's contents; there is no state root in it.
    """

    number: int
    timestamp: int
    hash: bytes
    parent_hash: bytes
    transactions: tuple[Mined, ...] = ()

    def __repr__(self) -> str:
        sent = count(len(self.transactions), "transaction")
        return f"Block({self.number}: {sent}, {self.gas_used} gas, 0x{self.hash[:4].hex()}...)"

    @property
    def gas_used(self) -> int:
        """Gas of all its transactions."""
        return sum(mined.receipt.gas_used for mined in self.transactions)


@dataclass(frozen=True, slots=True)
class FoundLog:
    """A log entry and where it is: in a transaction, and at which place in its block."""

    log: Log
    mined: Mined
    index: int
