"""Blocks, hashes and an index of logs over what a chain has included.

Backends in this process have no blocks, and their agents sign nothing. What wallets and DApps
need of them is made here, from transactions and receipts alone: a block is what stands between
two advances of time, its hash is that of a header without roots, and a transaction that nobody
signed has the hash of its contents with its sender's name in the place of the signature.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import rlp
from eth_hash.auto import keccak

from p2p_cosim.chain.accounts import canonical_address
from p2p_cosim.chain.terms import Past
from p2p_cosim.core.types import Block, FoundLog, Included, Mined

Topics = Sequence[Collection[bytes] | None]
"""For each place the topics that will do; None where any does."""


class BlockIndex:
    """Everything by number, hash, address and topic. It only grows.

    past: what was before. first: number of the first block. nonces: how many transactions each
    address has sent.
    """

    def __init__(self, past: Past) -> None:
        self.first = past.first
        self.nonces = past.nonces.copy()
        self._parent_hash = past.parent_hash
        self._timestamps: list[int] = []
        self._transactions: list[list[Mined]] = []
        self._hashes: list[bytes] = []  # of blocks that are closed, as far as they were asked for
        self._numbers: dict[bytes, int] = {}
        self._by_hash: dict[bytes, Mined] = {}
        self._logs: list[FoundLog] = []
        self._log_blocks: list[int] = []
        self._postings: defaultdict[object, list[int]] = defaultdict(list)

    @property
    def head(self) -> int:
        """Number of the newest block."""
        return self.first + len(self._timestamps) - 1

    def open_block(self, timestamp: int) -> None:
        """Begin a block."""
        self._timestamps.append(timestamp)
        self._transactions.append([])

    def add(self, included: Included) -> Mined:
        """A transaction at the end of the newest block."""
        transaction, receipt = included.transaction, included.receipt
        block = self._transactions[-1]
        nonce = self.nonces[transaction.sender]
        self.nonces[transaction.sender] = nonce + 1
        last = block[-1] if block else None
        mined = Mined(
            transaction,
            receipt,
            hash=transaction_hash(included, nonce),
            nonce=nonce,
            block_number=self.head,
            index=len(block),
            first_log=last.first_log + len(last.receipt.logs) if last else 0,
        )
        block.append(mined)
        self._by_hash[mined.hash] = mined
        for place, log in enumerate(receipt.logs, start=mined.first_log):
            for key in (log.address, *enumerate(log.topics)):
                self._postings[key].append(len(self._logs))
            self._logs.append(FoundLog(log, mined, place))
            self._log_blocks.append(mined.block_number)
        return mined

    def block(self, number: int) -> Block | None:
        """The block of a number, if there is one."""
        place = number - self.first
        if not 0 <= place < len(self._timestamps):
            return None
        parent = self._hash(place - 1)
        return Block(
            number,
            self._timestamps[place],
            self._hash(place),
            parent,
            tuple(self._transactions[place]),
        )

    def number_of(self, hash_: bytes) -> int | None:
        """The number of the block with that hash."""
        self._hash(len(self._timestamps) - 1)  # all are known now
        if self._timestamps and self._hash(len(self._timestamps) - 1) == hash_:
            return self.head
        return self._numbers.get(hash_)

    def transaction(self, hash_: bytes) -> Mined | None:
        """The transaction of that hash."""
        return self._by_hash.get(hash_)

    def logs(
        self, first: int, last: int, addresses: Collection[str] = (), topics: Topics = ()
    ) -> Iterable[FoundLog]:
        """Logs of the blocks from first to last, in order.

        addresses: of the emitting contract; empty for any. topics: as in `eth_getLogs`.
        """
        low, high = bisect_left(self._log_blocks, first), bisect_right(self._log_blocks, last)
        wanted: list[list[object]] = [list(addresses)] if addresses else []
        wanted += [[(i, t) for t in some] for i, some in enumerate(topics) if some is not None]
        places: Iterable[int] = range(low, high)
        if wanted:
            rarest = min(wanted, key=lambda keys: sum(len(self._postings.get(k, ())) for k in keys))
            places = sorted(
                place
                for key in rarest
                for place in self._within(self._postings.get(key, []), low, high)
            )
        for place in places:
            found = self._logs[place]
            if _matches(found, addresses, topics):
                yield found

    @staticmethod
    def _within(places: list[int], low: int, high: int) -> list[int]:
        return places[bisect_left(places, low) : bisect_left(places, high)]

    def _hash(self, place: int) -> bytes:
        """Of a block by its place. The newest may still grow, and is made anew each time."""
        if place < 0:
            return self._parent_hash
        while len(self._hashes) < min(place + 1, len(self._timestamps) - 1):
            made = self._make_hash(len(self._hashes))
            self._numbers[made] = self.first + len(self._hashes)
            self._hashes.append(made)
        return self._hashes[place] if place < len(self._hashes) else self._make_hash(place)

    def _make_hash(self, place: int) -> bytes:
        parent = self._hashes[place - 1] if place else self._parent_hash
        hashes = [mined.hash for mined in self._transactions[place]]
        outcomes = [
            [int(mined.receipt.status), mined.receipt.gas_used, len(mined.receipt.logs)]
            for mined in self._transactions[place]
        ]
        header = [parent, self.first + place, self._timestamps[place], hashes, outcomes]
        return keccak(rlp.encode(header))


def transaction_hash(included: Included, nonce: int) -> bytes:
    """The hash that a transaction is known by, signed or not."""
    transaction = included.transaction
    if transaction.signed:
        return keccak(transaction.signed)
    to = canonical_address(transaction.to) if transaction.to else b""
    content = [nonce, 0, transaction.gas_limit, to, transaction.value_wei, transaction.data]
    return keccak(rlp.encode([*content, canonical_address(transaction.sender)]))


def _matches(found: FoundLog, addresses: Collection[str], topics: Topics) -> bool:
    log = found.log
    if addresses and log.address not in addresses:
        return False
    if len(topics) > len(log.topics):
        return False
    return all(some is None or log.topics[i] in some for i, some in enumerate(topics))
