"""Signed transactions that wait for the next block, and why others do not.

Messages are worded as geth words them, because wallets read them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from p2p_cosim.chain.rules import MAX_INITCODE_BYTES, least_gas_limit
from p2p_cosim.chain.signed import SignedTransaction
from p2p_cosim.core.errors import ChainError

MOST_WAITING = 4096
MOST_OF_A_SENDER = 64
MOST_GAS = 2**24
"""Of a transaction (EIP-7825)."""

MOST_GAS_A_BLOCK = 2**26
"""Of all transactions from outside, so that nobody's can hold up a tick for long. It is room for an
order of each of 200 players with the money for it, as the pages send them (240,000 gas)."""

FIRST_SHARE, WHOLE_SHARE = 2**20, MOST_GAS
"""Gas in a block of one sender: before others have had as much, and in all."""

PRICE_BUMP_PERCENT = 10
"""A transaction that replaces another of the same nonce pays so much more, as geth has it."""


class RefusedTransactionError(ChainError):
    """A transaction that is not taken. The message is the one that wallets know."""


class Pool:
    """Transactions by hash, in the order in which they came.

    chain_id: of the chain they are for. nonce_of: the next nonce of an address on the chain.
    balance_of: what it holds, in wei.
    """

    def __init__(
        self, chain_id: int, nonce_of: Callable[[str], int], balance_of: Callable[[str], int]
    ) -> None:
        self._chain_id = chain_id
        self._nonce_of = nonce_of
        self._balance_of = balance_of
        self._waiting: dict[bytes, SignedTransaction] = {}
        self.changes = 0  # how often something came or went

    def __repr__(self) -> str:
        return f"Pool({len(self)} waiting)"

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[SignedTransaction]:
        return iter(tuple(self._waiting.values()))

    def get(self, hash_: bytes) -> SignedTransaction | None:
        """The waiting transaction of that hash."""
        return self._waiting.get(hash_)

    def of(self, sender: str) -> dict[int, SignedTransaction]:
        """All of one sender, by nonce."""
        return {each.nonce: each for each in self._waiting.values() if each.sender == sender}

    def next_nonce(self, sender: str) -> int:
        """The nonce that the sender's next transaction should have."""
        own, nonce = self.of(sender), self._nonce_of(sender)
        while nonce in own:
            nonce += 1
        return nonce

    def add(self, signed: SignedTransaction) -> None:
        """Take a transaction.

        Raises RefusedTransactionError with the reason if it can never be valid, is known already,
        or there are too many.
        """
        if signed.hash in self._waiting:
            raise RefusedTransactionError("already known")
        self._check(signed)
        own = self.of(signed.sender)
        if replaced := own.get(signed.nonce):
            self._check_bump(replaced, signed)
            del self._waiting[replaced.hash]
        elif len(own) >= MOST_OF_A_SENDER or len(self._waiting) >= MOST_WAITING:
            raise RefusedTransactionError("txpool is full")
        self._waiting[signed.hash] = signed
        self.changes += 1

    def in_line(self) -> list[SignedTransaction]:
        """What could be executed now, in the order in which it came, each sender's by nonce.

        Those behind a gap of nonces are left out.
        """
        came = {(each.sender, each.nonce): i for i, each in enumerate(self._waiting.values())}
        signed = {(each.sender, each.nonce): each for each in self._waiting.values()}
        line: list[tuple[int, int, SignedTransaction]] = []
        for sender in {sender for sender, _ in came}:
            nonce, place = self._nonce_of(sender), 0
            while (sender, nonce) in came:
                place = max(place, came[sender, nonce])  # it is no earlier than what it follows
                line.append((place, nonce, signed[sender, nonce]))
                nonce += 1
        return [each for _, _, each in sorted(line, key=lambda entry: entry[:2])]

    def ready(self) -> list[SignedTransaction]:
        """What the next block takes of those in line, in their order.

        Room is given to a first share of each sender, then to more of those who came first, so
        that many transactions, or costly ones, of one sender keep nobody else out.
        """
        line, room = self.in_line(), MOST_GAS_A_BLOCK
        taken: set[bytes] = set()
        gas_of: Counter[str] = Counter()
        for share in (FIRST_SHARE, WHOLE_SHARE):
            behind: set[str] = set()  # senders who have to wait with the rest
            for signed in line:
                sender, gas = signed.sender, signed.gas_limit
                if signed.hash in taken or sender in behind:
                    continue
                if gas > min(room, share - gas_of[sender]):
                    behind.add(sender)
                    continue
                taken.add(signed.hash)
                gas_of[sender] += gas
                room -= gas
        return [signed for signed in line if signed.hash in taken]

    def drop(self, signed: SignedTransaction) -> None:
        """Forget a transaction, and those of the same sender whose nonces are used by now."""
        self._waiting.pop(signed.hash, None)
        self.changes += 1
        next_nonce = self._nonce_of(signed.sender)
        for nonce, other in self.of(signed.sender).items():
            if nonce < next_nonce:
                del self._waiting[other.hash]

    def _check(self, signed: SignedTransaction) -> None:
        if signed.chain_id not in (None, self._chain_id):
            raise RefusedTransactionError(
                f"invalid chain id for signer: have {signed.chain_id} want {self._chain_id}"
            )
        if signed.max_tip_wei > signed.max_fee_wei:
            raise RefusedTransactionError(
                "max priority fee per gas higher than max fee per gas: "
                f"maxPriorityFeePerGas: {signed.max_tip_wei}, maxFeePerGas: {signed.max_fee_wei}"
            )
        if signed.to is None and len(signed.data) > MAX_INITCODE_BYTES:
            raise RefusedTransactionError(
                f"max initcode size exceeded: code size {len(signed.data)}, "
                f"limit {MAX_INITCODE_BYTES}"
            )
        if signed.gas_limit > MOST_GAS:
            raise RefusedTransactionError(
                f"transaction gas limit too high (cap: {MOST_GAS}, tx: {signed.gas_limit})"
            )
        least = least_gas_limit(signed.transaction())
        if signed.gas_limit < least:
            raise RefusedTransactionError(
                f"intrinsic gas too low: gas {signed.gas_limit}, minimum needed {least}"
            )
        self._check_account(signed)

    def _check_account(self, signed: SignedTransaction) -> None:
        next_nonce = self._nonce_of(signed.sender)
        if signed.nonce < next_nonce:
            raise RefusedTransactionError(
                f"nonce too low: next nonce {next_nonce}, tx nonce {signed.nonce}"
            )
        balance, cost = self._balance_of(signed.sender), signed.cost_wei
        if balance < cost:
            raise RefusedTransactionError(
                f"insufficient funds for gas * price + value: balance {balance}, "
                f"tx cost {cost}, overshot {cost - balance}"
            )

    def _check_bump(self, replaced: SignedTransaction, signed: SignedTransaction) -> None:
        for before, now in (
            (replaced.max_fee_wei, signed.max_fee_wei),
            (replaced.max_tip_wei, signed.max_tip_wei),
        ):
            if now * 100 < before * (100 + PRICE_BUMP_PERCENT) or now == before:
                raise RefusedTransactionError("replacement transaction underpriced")
