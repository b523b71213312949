"""The fastest backend: revm in this process, through pyrevm. Its gas is not exact.

Status, logs, balances and storage are those of the other backends; a conformance test compares
them. Gas is not, because pyrevm never ends a transaction in revm's journal: storage that an
earlier transaction touched stays warm, and refunds count from stale values. Gas comes out over
a third too low, and a transaction whose gas limit is tight may pass here and fail elsewhere.
pyrevm 0.3.7 runs Cancun's rules whatever fork it is asked for.

More that this module makes up for: senders' nonces stand still in calls, transient storage
outlives its transaction, and revert data comes as text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from p2p_cosim.chain.accounts import (
    FAUCET,
    FAUCET_WEI,
    FUNDING_WEI,
    GENESIS_TIMESTAMP,
    address_of,
    canonical_address,
    checksum_address,
)
from p2p_cosim.chain.rules import (
    BLOCK_GAS_LIMIT,
    CHAIN_ID,
    TRANSACTION_GAS,
    check_balance,
    check_sender,
    check_timestamp,
    check_transaction,
)
from p2p_cosim.core.errors import ChainError, InputError
from p2p_cosim.core.protocols import ChainCapabilities
from p2p_cosim.core.types import Log, Receipt, Transaction

if TYPE_CHECKING:
    from pyrevm import EVM, JournalCheckpoint

FORK = "cancun"

_ZERO_ADDRESS = "0x" + "00" * 20
_INVALID = b"\xfe"  # init code that fails: all it leaves is the sender's next nonce
_OUTPUT = re.compile(r"output: 0x([0-9a-f]*)")

Step = Transaction | int
"""A transaction, or the timestamp of the block that begins."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    chain: RevmChain
    steps: tuple[Step, ...]
    accounts: frozenset[str]


class RevmChain:
    """An EVM in this process (`core.protocols.Chain`), without exact gas.

    timestamp: Unix seconds of the first block. Raises InputError if pyrevm is not installed;
    invalid transactions raise ChainError as on `PyEvmChain`.

    A snapshot is restored by going back to the first one and repeating what was done since.
    """

    def __init__(self, timestamp: int = GENESIS_TIMESTAMP) -> None:
        self._evm = _new_evm()
        self._evm.set_balance(address_of(FAUCET), FAUCET_WEI)
        self._accounts = {address_of(FAUCET)}
        self._calls: Counter[str] = Counter()  # nonces that the sender is behind
        self._begin(1, timestamp)
        self._first: tuple[JournalCheckpoint, Counter[str], int, int] | None = None
        self._steps: list[Step] = []  # since the first snapshot

    def __repr__(self) -> str:
        return f"RevmChain(block={self._block_number}, timestamp={self._timestamp})"

    @property
    def capabilities(self) -> ChainCapabilities:
        """No exact gas, no blocks, no signatures."""
        return ChainCapabilities(exact_gas=False, blocks=False, signatures=False, fork=FORK)

    @property
    def timestamp(self) -> int:
        """Timestamp of the block that is being built (Unix seconds)."""
        return self._timestamp

    @property
    def block_number(self) -> int:
        """Number of the block that is being built; the first is 1."""
        return self._block_number

    def account(self, label: str) -> str:
        """Checksum address of a label, funded with FUNDING_WEI at first use."""
        address = address_of(label)
        if address not in self._accounts:
            self._accounts.add(address)
            self._do(Transaction(address_of(FAUCET), address, b"", FUNDING_WEI, TRANSACTION_GAS))
        return address

    def advance_to(self, timestamp: int) -> None:
        """Begin the next block. Raises ChainError unless its timestamp is later."""
        check_timestamp(timestamp, self._timestamp)
        self._do(timestamp)

    def transact_many(self, transactions: Sequence[Transaction]) -> list[Receipt]:
        """Execute in order in the block being built. The gas of receipts is not exact."""
        receipts = []
        for transaction in transactions:
            if transaction.signed:
                raise ChainError(
                    f"{self!r} takes no transactions from outside: use another backend"
                )
            check_sender(transaction, self._accounts)
            self._check(transaction)
            receipts.append(self._do(transaction))
        return receipts

    def call(self, transaction: Transaction) -> tuple[bool, bytes]:
        """Execute without effect: success, and output or revert data."""
        self._check(transaction)
        self._catch_up(transaction)
        before = self._evm.snapshot()
        success, output, _ = self._execute(transaction)
        self._evm.revert(before)
        return success, output

    def balance_wei(self, address: str) -> int:
        """Ether held by an address."""
        return self._evm.get_balance(address)

    def snapshot(self) -> object:
        """A token of the present state, block and time."""
        if self._first is None:
            self._keep_first()
        return _Snapshot(self, tuple(self._steps), frozenset(self._accounts))

    def revert(self, token: object) -> None:
        """Go back to a snapshot of this chain, as often as wanted."""
        if not isinstance(token, _Snapshot) or token.chain is not self or self._first is None:
            raise ChainError(f"{token!r} is not a snapshot of this chain")
        checkpoint, calls, number, timestamp = self._first
        self._evm.revert(checkpoint)
        self._calls = calls.copy()
        self._begin(number, timestamp)
        self._keep_first()
        self._steps = []
        for step in token.steps:
            self._do(step)
        self._accounts = set(token.accounts)

    def close(self) -> None:
        """Nothing to let go: the chain is in this process."""

    def _keep_first(self) -> None:
        checkpoint = self._evm.snapshot()
        self._first = (checkpoint, self._calls.copy(), self._block_number, self._timestamp)

    def _do(self, step: Step) -> Receipt:
        """Take a step, and remember it once there is a snapshot to repeat it from."""
        receipt = Receipt(True, 0)
        if isinstance(step, int):
            self._begin(self._block_number + 1, step)
        else:
            receipt = self._receipt(step)
        if self._first is not None:
            self._steps.append(step)
        return receipt

    def _begin(self, number: int, timestamp: int) -> None:
        from pyrevm import BlockEnv

        self._block_number, self._timestamp = number, timestamp
        self._evm.set_block_env(
            BlockEnv(
                number=number,
                coinbase=_ZERO_ADDRESS,
                timestamp=timestamp,
                prevrandao=bytes(32),
                basefee=0,
                gas_limit=BLOCK_GAS_LIMIT,
            )
        )

    def _check(self, transaction: Transaction) -> None:
        check_transaction(transaction)
        if transaction.to is not None:
            canonical_address(transaction.to)
        if transaction.value_wei:
            check_balance(transaction, self.balance_wei(transaction.sender))

    def _execute(self, transaction: Transaction) -> tuple[bool, bytes, str | None]:
        """Success, output or revert data, and the address of a creation."""
        sender, value, gas = transaction.sender, transaction.value_wei, transaction.gas_limit
        self._evm.reset_transient_storage()
        try:
            if transaction.to is None:
                created = self._evm.deploy(sender, transaction.data, value, gas)
                return True, self._evm.get_code(created) or b"", created
            output = self._evm.message_call(sender, transaction.to, transaction.data, value, gas)
            return True, output, None
        except RuntimeError as error:
            if not str(error).startswith(("Revert", "Halt")):
                raise ChainError(f"pyrevm refused a transaction of {sender}: {error}") from error
            found = _OUTPUT.search(str(error))
            return False, bytes.fromhex(found[1]) if found else b"", None

    def _receipt(self, transaction: Transaction) -> Receipt:
        self._catch_up(transaction)
        success, output, created = self._execute(transaction)
        if transaction.to is not None:
            self._calls[transaction.sender] += 1
        result = self._evm.result
        assert result is not None  # noqa: S101 (something has just been executed)
        return Receipt(
            status=success,
            gas_used=result.gas_used,
            logs=tuple(_log(log) for log in result.logs) if success else (),
            output=b"" if success else output,
            contract_address=checksum_address(created) if created else None,
            block_number=self._block_number,
            timestamp=self._timestamp,
        )

    def _catch_up(self, transaction: Transaction) -> None:
        """Bring a creator's nonce up to date, on which the contract's address depends."""
        if transaction.to is not None:
            return
        sender = transaction.sender
        for _ in range(self._calls.pop(sender, 0)):
            with suppress(RuntimeError):
                self._evm.deploy(sender, _INVALID, gas=100_000)


def _new_evm() -> EVM:
    try:
        from pyrevm import EVM, CfgEnv, Env
    except ImportError as error:
        raise InputError(
            "chain.backend 'revm' needs pyrevm, which is not installed: "
            "pip install 'p2p-cosim[revm]' (Python 3.11 or 3.12)"
        ) from error
    return EVM(env=Env(cfg=CfgEnv(chain_id=CHAIN_ID)), gas_limit=BLOCK_GAS_LIMIT)


def _log(log: object) -> Log:
    data = log.data  # type: ignore[attr-defined]
    return Log(
        checksum_address(log.address),  # type: ignore[attr-defined]
        tuple(bytes.fromhex(topic[2:]) for topic in log.topics),  # type: ignore[attr-defined]
        data[1],
    )
