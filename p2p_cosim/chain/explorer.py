"""A chain that remembers what passed through it, and takes transactions from outside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from p2p_cosim.chain.accounts import FAUCET
from p2p_cosim.chain.blocks import BlockIndex, Topics
from p2p_cosim.chain.pool import Pool
from p2p_cosim.chain.signed import decode_signed
from p2p_cosim.chain.terms import KEPT_TRANSACTIONS, Past
from p2p_cosim.core.errors import ChainError
from p2p_cosim.core.protocols import Chain, ChainCapabilities
from p2p_cosim.core.types import Block, FoundLog, Included, Mined, Receipt, Transaction

_CHAIN_ID_CODE = bytes.fromhex("465f5260205ff3")  # CHAINID, and return it
_CODE_OF = "73{address}803b80915f5f913c5ff3"  # EXTCODECOPY of an address, and return it
_NOBODY = "0x" + "00" * 20


@dataclass(slots=True)
class _Passed:
    """A block as it passed: its timestamp and what it contains."""

    timestamp: int
    included: list[Included] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Snapshot:
    inner: object
    position: int
    blocks: int


class OpenChain:
    """Any chain as it is (`core.protocols.Chain`), what it has done, and a way in (`Explorer`).

    chain: the backend, before its first transaction. kept, past: as in `ChainTerms`.

    What comes from outside is signed. It stands first in the next block, in the order in which
    it came, and its senders pay the fees they offer; the run's own agents pay none.
    Whoever sends past this object, straight to the backend, is not seen.
    """

    def __init__(
        self, chain: Chain, kept: int | None = KEPT_TRANSACTIONS, past: Past | None = None
    ) -> None:
        self.inner = chain
        self._kept = kept
        self.labels: dict[str, str] = {}  # by address, of the accounts that were asked for
        self._past = past or Past()
        self._blocks = [_Passed(chain.timestamp)]
        self._count = 0  # of the transactions in `_blocks`
        self._position = 0
        self._turns = 0
        self._made_index: BlockIndex | None = None
        self._pending: tuple[tuple[int, int, int], object] | None = None  # of what, and its state
        self.chain_id = int.from_bytes(self._run(_CHAIN_ID_CODE), "big")
        self.pool = Pool(self.chain_id, self.nonce, self.balance_wei)

    def __repr__(self) -> str:
        return f"OpenChain({self.inner!r}, {self._position} transactions)"

    @classmethod
    def of(cls, chain: Chain) -> OpenChain:
        """The chain itself if it is open, and opened otherwise."""
        return chain if isinstance(chain, OpenChain) else cls(chain)

    # ------------------------------------------------------------------------ what it has done

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
        missing = self._position - start
        if missing > self._count:
            oldest = self._position - self._count
            raise ChainError(
                f"transaction {start} is kept no more, the oldest is {oldest}: raise `kept`"
            )
        found: list[Included] = []
        for block in reversed(self._blocks):
            if missing <= 0:
                break
            found[:0] = block.included[-missing:]
            missing -= len(block.included)
        return found

    @property
    def first(self) -> int:
        """Number of the oldest block that is remembered."""
        return self._past.first

    @property
    def head(self) -> int:
        """Number of the newest block."""
        return self._index.head

    def block(self, number: int) -> Block | None:
        """As `Explorer.block`."""
        return self._index.block(number)

    def number_of(self, block_hash: bytes) -> int | None:
        """As `Explorer.number_of`."""
        return self._index.number_of(block_hash)

    def transaction(self, transaction_hash: bytes) -> Mined | None:
        """As `Explorer.transaction`."""
        return self._index.transaction(transaction_hash)

    def logs(
        self, first: int, last: int, addresses: Collection[str] = (), topics: Topics = ()
    ) -> Iterable[FoundLog]:
        """As `Explorer.logs`."""
        return self._index.logs(first, last, addresses, topics)

    @property
    def _index(self) -> BlockIndex:
        """Made when it is first asked for, and kept up from then on."""
        if self._made_index is None:
            index = BlockIndex(self._past)
            for block in self._blocks:
                index.open_block(block.timestamp)
                for included in block.included:
                    index.add(included)
            self._made_index = index
        return self._made_index

    def nonce(self, address: str) -> int:
        """How many transactions an address has sent."""
        return self._index.nonces[address]

    def code(self, address: str) -> bytes:
        """The code at an address, empty if there is none."""
        return self._run(bytes.fromhex(_CODE_OF.format(address=address[2:].lower())))

    def past(self) -> Past:
        """All of this, for a chain that takes its place."""
        head = self._index.block(self._index.head)
        assert head is not None  # noqa: S101 (the newest block is there)
        return Past(head.number + 1, head.hash, self._index.nonces.copy())

    # --------------------------------------------------------------------------- what comes in

    def send_raw(self, raw: bytes) -> bytes:
        """As `Explorer.send_raw`.

        Raises NoTransactionError for bytes that are none, and RefusedTransactionError, with
        geth's words, for one that is not valid on this chain.
        """
        signed = decode_signed(raw)
        self.pool.add(signed)
        return signed.hash

    def grant(self, address: str, wei: int) -> Receipt:
        """Give an address ether of the chain's faucet, at once. Raises ChainError if it has not
        got so much."""
        faucet = self.account(FAUCET)
        (receipt,) = self.transact_many([Transaction(faucet, address, b"", wei, 21_000)])
        return receipt

    @contextmanager
    def as_pending(self) -> Iterator[None]:
        """Reads in this context see what waits for the next block as if it were executed."""
        ready = self.pool.ready()
        if not ready:
            yield
            return
        present, key = self.inner.snapshot(), (self.pool.changes, self._position, self._turns)
        try:
            if self._pending and self._pending[0] == key:
                self.inner.revert(self._pending[1])
            else:
                for signed in ready:
                    with suppress(ChainError):
                        self.inner.transact_many([signed.transaction()])
                self._pending = (key, self.inner.snapshot())
            yield
        finally:
            self.inner.revert(present)

    def trial(self, transaction: Transaction) -> Receipt:
        """What would become of a transaction after all that waits; it leaves no trace."""
        present = self.inner.snapshot()
        try:
            with self.as_pending():
                return self.inner.transact_many([transaction])[0]
        finally:
            self.inner.revert(present)

    def _mine_waiting(self) -> None:
        """Execute what waits; who cannot pay any more by now is left out."""
        for signed in self.pool.ready():
            with suppress(ChainError):
                self.transact_many([signed.transaction()])
            self.pool.drop(signed)

    # --------------------------------------------------------------------- as the chain itself

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
        address = self.inner.account(label)
        self.labels[address] = label
        return address

    def advance_to(self, timestamp: int) -> None:
        """As `Chain.advance_to`; what waited stands first in the new block."""
        self.inner.advance_to(timestamp)
        self._blocks.append(_Passed(timestamp))
        if self._made_index:
            self._made_index.open_block(timestamp)
        self._forget()
        if len(self.pool):
            self._mine_waiting()

    def transact_many(self, transactions: Sequence[Transaction]) -> list[Receipt]:
        """As `Chain.transact_many`."""
        receipts = self.inner.transact_many(transactions)
        included = list(map(Included, transactions, receipts))
        self._blocks[-1].included += included
        self._count += len(included)
        self._position += len(included)
        if self._made_index:
            for each in included:
                self._made_index.add(each)
        return receipts

    def call(self, transaction: Transaction) -> tuple[bool, bytes]:
        """As `Chain.call`."""
        return self.inner.call(transaction)

    def balance_wei(self, address: str) -> int:
        """As `Chain.balance_wei`."""
        return self.inner.balance_wei(address)

    def snapshot(self) -> object:
        """As `Chain.snapshot`."""
        return _Snapshot(self.inner.snapshot(), self._position, len(self._blocks))

    def revert(self, token: object) -> None:
        """As `Chain.revert`; what came after the snapshot is forgotten."""
        if not isinstance(token, _Snapshot):
            raise ChainError(f"{token!r} is not a snapshot of this chain")
        self.inner.revert(token.inner)
        undone = self._position - token.position
        for block in reversed(self._blocks):
            taken = min(undone, len(block.included))
            del block.included[len(block.included) - taken :]
            undone -= taken
        del self._blocks[token.blocks :]
        self._count -= self._position - token.position
        self._position = token.position
        self._turns += 1
        self._made_index = None

    def close(self) -> None:
        """As `Chain.close`."""
        self.inner.close()

    def _forget(self) -> None:
        """Leave the oldest blocks behind, if there are too many transactions."""
        if self._kept is None or self._count <= 2 * self._kept:
            return
        nonces, first = self._past.nonces.copy(), self._past.first
        while self._count > self._kept:
            oldest = self._blocks.pop(0)
            self._count -= len(oldest.included)
            nonces.update(included.transaction.sender for included in oldest.included)
            first += 1
        self._past = Past(first, nonces=nonces)
        self._made_index = None

    def _run(self, code: bytes) -> bytes:
        """What code returns that has no account of its own."""
        _, output = self.inner.call(Transaction(_NOBODY, None, code))
        return output
