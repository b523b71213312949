"""A development node behind `core.protocols.Chain`: real blocks, exact gas, any language.

The block that is being built is a real one. The first `transact_many` mines it; another one
at the same simulated time takes it back and mines it again with everything in it, so that
block number, timestamp and order are those of the other backends. Send what belongs to one
block in one `transact_many`, and each block is mined once.

Snapshots are the node's. A node forgets those taken after the one it goes back to; such a
token is restored by going back to an older one and mining the blocks between them again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from p2p_cosim.chain.accounts import FUNDING_WEI, GENESIS_TIMESTAMP, address_of
from p2p_cosim.chain.jsonrpc.blocks import Block, Point
from p2p_cosim.chain.jsonrpc.client import TIMEOUT_S, RpcClient, RpcError
from p2p_cosim.chain.jsonrpc.messages import call_object, receipt_of
from p2p_cosim.chain.jsonrpc.node import Node
from p2p_cosim.chain.rules import (
    CHAIN_ID,
    FORK,
    check_balance,
    check_sender,
    check_timestamp,
    check_transaction,
)
from p2p_cosim.core.errors import ChainError
from p2p_cosim.core.protocols import ChainCapabilities
from p2p_cosim.core.types import Receipt, Transaction


@dataclass(frozen=True, slots=True)
class _Snapshot:
    chain: JsonRpcChain
    base: Point
    open: Block
    labels: tuple[tuple[str, str], ...]


class JsonRpcChain:
    """The chain of the anvil or Hardhat node at an address, which it has for itself.

    timestamp: Unix seconds of the first block; later than the node's newest. chain_id: the
    node's, without which it is refused. sign: sign
    transactions with the accounts' keys, instead of letting the node impersonate them,
    which is faster. None signs only where it cannot impersonate.

    Raises ChainError for a node that cannot be reached, is of another chain or fork, or has
    no simulated time. `close` leaves the node as it was found, for the next run.
    """

    def __init__(
        self,
        url: str,
        timestamp: int = GENESIS_TIMESTAMP,
        *,
        chain_id: int = CHAIN_ID,
        sign: bool | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._client = RpcClient(url, timeout_s)
        self._node = Node(self._client, chain_id, sign=sign)
        number, newest = self._node.newest_block()
        if newest >= timestamp:
            raise ChainError(
                f"the newest block at {url} has timestamp {newest}, not before {timestamp}, where "
                "the run begins: start the node afresh with '--timestamp 1' (docs/chains.md)"
            )
        self._labels: dict[str, str] = {}
        self._nonces: Counter[str] = Counter()  # at the base
        self._saved: dict[Point, str] = {}  # the node's snapshots, oldest first
        self._base = Point(number)
        self._first, self._first_nonces = self._base, dict[str, int]()
        self._is_closed = False
        self._start(Block(timestamp))

    def __repr__(self) -> str:
        return f"JsonRpcChain({self.url!r}, block={self.block_number})"

    @property
    def capabilities(self) -> ChainCapabilities:
        """Exact gas and real blocks; signatures if transactions are signed here."""
        return ChainCapabilities(
            exact_gas=True, blocks=True, signatures=self._node.signs, fork=FORK
        )

    @property
    def url(self) -> str:
        """Where the node listens."""
        return self._client.url

    @property
    def version(self) -> str:
        """The node's name and version, as it says itself."""
        return self._node.version

    @property
    def timestamp(self) -> int:
        """Timestamp of the block that is being built (Unix seconds)."""
        return self._open.timestamp

    @property
    def block_number(self) -> int:
        """Number of the block that is being built; on a fresh node the first is 1."""
        return self._base.number + 1

    def go_on(self, nonces: Mapping[str, int]) -> None:
        """Begin with the nonces that accounts had on the chain before; ahead of all else."""
        self._first_nonces = {address: nonce for address, nonce in nonces.items() if nonce}
        self._node.set_nonces(self._first_nonces)

    def account(self, label: str) -> str:
        """Checksum address of a label, funded with FUNDING_WEI at first use."""
        address = address_of(label)
        if address not in self._labels:
            self._labels[address] = label
            self._new_accounts.append(address)
        return address

    def advance_to(self, timestamp: int) -> None:
        """Close the block and begin the next. Raises ChainError unless it is later."""
        check_timestamp(timestamp, self.timestamp)
        self._close_block()
        self._start(Block(timestamp))

    def transact_many(self, transactions: Sequence[Transaction]) -> list[Receipt]:
        """Execute in order in the block being built; the module says what that costs."""
        valid: list[Transaction] = []
        invalid: ChainError | None = None
        for transaction in transactions:
            try:
                check_sender(transaction, self._labels)
                check_transaction(transaction)
                call_object(transaction)
            except ChainError as error:
                invalid = error
                break
            valid.append(transaction)
        receipts = self._append(valid) if valid else []
        if invalid:
            raise invalid
        return receipts

    def call(self, transaction: Transaction) -> tuple[bool, bytes]:
        """Execute without effect: success, and output or revert data."""
        check_transaction(transaction)
        if transaction.value_wei:
            check_balance(transaction, self.balance_wei(transaction.sender))
        message = call_object(transaction)
        self._show()
        return self._node.call(message, "latest" if self._is_mined else "pending")

    def balance_wei(self, address: str) -> int:
        """Ether held by an address."""
        self._show()
        return self._node.balances_wei([address])[address]

    def snapshot(self) -> object:
        """A token of the present state, block and time."""
        if self._new_accounts or self._base not in self._saved:
            self._rewind()
        if self._base not in self._saved:
            self._saved[self._base] = self._node.snapshot()
            self._is_begun = False  # what the node keeps for `undo_block` must be newer
        return _Snapshot(self, self._base, self._open, tuple(self._labels.items()))

    def revert(self, token: object) -> None:
        """Go back to a snapshot of this chain, as often as wanted."""
        if not isinstance(token, _Snapshot) or token.chain is not self:
            raise ChainError(f"{token!r} is not a snapshot of this chain")
        missing: list[Point] = []
        base = token.base
        while base not in self._saved:
            missing.append(base)
            assert base.parent is not None  # noqa: S101 (the oldest snapshot is never dropped)
            base = base.parent
        self._labels = dict(token.labels)
        self._restore(base)
        for point in reversed(missing):
            assert point.block is not None  # noqa: S101 (it has a parent)
            self._start(point.block)
            self._close_block()
            self._base = point
        self._start(token.open)

    def close(self) -> None:
        """Leave the node as it was found. Harmless if it is gone, and a second time."""
        if not self._is_closed:
            self._is_closed = True
            with suppress(ChainError):  # the node may have gone before us
                self._node.leave()
        self._client.close()

    def _start(self, block: Block) -> None:
        """Make this the open block, of which the node knows nothing yet."""
        self._open = block
        self._new_accounts: list[str] = []
        self._is_begun = False  # the node knows its accounts and its timestamp
        self._is_mined = False  # the node's newest block is this one

    def _append(self, transactions: Sequence[Transaction]) -> list[Receipt]:
        """Receipts of transactions at the end of the open block."""
        self._rewind()
        before = self._open.transactions
        self._open = replace(self._open, transactions=(*before, *transactions))
        return self._mine(since=len(before))

    def _close_block(self) -> None:
        """Leave the open block behind as the new base."""
        if not self._is_mined:
            self._mine(since=len(self._open.transactions))
        self._nonces.update(transaction.sender for transaction in self._open.transactions)
        kept = (self._open, self._base) if self._saved else (None, None)
        self._base = Point(self.block_number, *kept)

    def _restore(self, base: Point) -> None:
        """Go back to a saved point. The node forgets it and all later ones; save it again."""
        points = list(self._saved)
        self._node.restore(self._saved[base])
        for point in points[points.index(base) :]:
            del self._saved[point]
        self._saved[base] = self._node.snapshot()
        self._base = base
        self._nonces = Counter(self._node.nonces(list(self._labels)))

    def _rewind(self) -> None:
        """Have the node at the base, with the open block's accounts and timestamp."""
        if self._is_mined:
            self._node.undo_block()
            self._is_mined = self._is_begun = False
        if self._new_accounts:
            held = self._node.balances_wei(self._new_accounts)
            granted = [(address, wei + FUNDING_WEI) for address, wei in held.items()]
            self._open = replace(self._open, adopted=(*self._open.adopted, *granted))
            self._nonces.update(self._node.nonces(self._new_accounts))
            self._new_accounts = []
            self._is_begun = False
        if not self._is_begun:
            if self._first_nonces and self._base is self._first:
                self._node.set_nonces(self._first_nonces)
            self._node.adopt(dict(self._open.adopted))
            self._node.begin_block(self.timestamp)
            self._is_begun = True

    def _show(self) -> None:
        """Have the node answer reads as of the open block."""
        if self._new_accounts or not self._is_mined:
            self._rewind()
            if self._open.transactions:
                self._mine(since=len(self._open.transactions))

    def _mine(self, since: int) -> list[Receipt]:
        """Mine the open block. Receipts of its transactions from that place on.

        If the node leaves a transaction out, those before it are mined alone, and it raises.
        """
        self._rewind()
        nonces = self._nonces.copy()
        messages = []
        for transaction in self._open.transactions:
            sender = transaction.sender
            messages.append((transaction, nonces[sender], self._labels.get(sender, "")))
            nonces[sender] += 1
        answers = self._node.mine(messages)
        self._is_mined = True
        for place, answer in enumerate(answers):
            if answer is None or isinstance(answer, RpcError):
                raise self._without(place, answer)
        failed = [a["transactionHash"] for a in answers[since:] if int(a["status"], 16) == 0]
        outputs = dict(zip(failed, self._node.revert_data(failed), strict=True))
        return [
            receipt_of(answer, outputs.get(answer["transactionHash"], b""), self.timestamp)
            for answer in answers[since:]
        ]

    def _without(self, place: int, refusal: RpcError | None) -> ChainError:
        """Mine the transactions before this place alone; what to say of the one there."""
        transaction = self._open.transactions[place]
        self._rewind()
        self._open = replace(self._open, transactions=self._open.transactions[:place])
        self._mine(since=place)
        check_balance(transaction, self.balance_wei(transaction.sender))
        return ChainError(
            f"{self.version} left out a transaction of {transaction.sender}: "
            f"{refusal or 'it gave no reason'}"
        )
