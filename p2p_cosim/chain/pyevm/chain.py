"""The second opinion in process: py-evm's Prague rules, executed at the level of the state.

There are no blocks and signatures, and no base fee. A transaction is executed exactly once, on one
long-lived state; what a block would give it (number, timestamp) is simulated. Status, gas,
logs and state root are those of a full node; `tests/conformance` compares them with
eth-tester. BLOCKHASH gives 0, PREVRANDAO 0 and the coinbase is the zero address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eth.abc import ComputationAPI
from eth.constants import (
    BLANK_ROOT_HASH,
    CREATE_CONTRACT_ADDRESS,
    ZERO_ADDRESS,
    ZERO_HASH32,
)
from eth.db.atomic import AtomicDB
from eth.vm.execution_context import ExecutionContext
from eth_typing import Address, BlockNumber, Hash32

from p2p_cosim.chain.accounts import (
    FAUCET,
    FAUCET_WEI,
    FUNDING_WEI,
    GENESIS_TIMESTAMP,
    address_of,
    canonical_address,
    checksum_address,
)
from p2p_cosim.chain.pyevm.machine import State, UnsignedTransaction, gas_charged
from p2p_cosim.chain.rules import (
    BLOCK_GAS_LIMIT,
    CHAIN_ID,
    FORK,
    TRANSACTION_GAS,
    check_balance,
    check_sender,
    check_timestamp,
    check_transaction,
    floor_gas,
    intrinsic_gas,
)
from p2p_cosim.core.errors import ChainError
from p2p_cosim.core.protocols import ChainCapabilities
from p2p_cosim.core.types import Log, Receipt, Transaction


@dataclass(frozen=True, slots=True)
class _Snapshot:
    chain: PyEvmChain
    state_root: Hash32
    block_number: int
    timestamp: int
    accounts: frozenset[str]


class PyEvmChain:
    """An EVM in this process (`core.protocols.Chain`).

    timestamp: Unix seconds of the first block. chain_id: what CHAINID gives.

    An invalid transaction (unknown sender, value above balance, gas limit below the
    intrinsic gas) raises ChainError; those before it in the same call stay executed.
    """

    def __init__(self, timestamp: int = GENESIS_TIMESTAMP, chain_id: int = CHAIN_ID) -> None:
        self._db = AtomicDB()
        self._chain_id = chain_id
        self._block_number = 1
        self._timestamp = timestamp
        self._accounts: set[str] = set()
        self._state = self._open(BLANK_ROOT_HASH)
        faucet = address_of(FAUCET)
        self._accounts.add(faucet)
        self._state.set_balance(_address(faucet), FAUCET_WEI)

    def __repr__(self) -> str:
        return f"PyEvmChain(block={self._block_number}, timestamp={self._timestamp})"

    @property
    def capabilities(self) -> ChainCapabilities:
        """Exact gas; no blocks, no signatures."""
        return ChainCapabilities(exact_gas=True, blocks=False, signatures=False, fork=FORK)

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
            grant = Transaction(address_of(FAUCET), address, b"", FUNDING_WEI, TRANSACTION_GAS)
            self._transact(grant)
        return address

    def advance_to(self, timestamp: int) -> None:
        """Begin the next block. Raises ChainError unless its timestamp is later."""
        check_timestamp(timestamp, self._timestamp)
        self._block_number += 1
        self._timestamp = timestamp
        self._state.execution_context = self._context()

    def transact_many(self, transactions: Sequence[Transaction]) -> list[Receipt]:
        """Execute in order in the block being built."""
        return [self._transact(transaction) for transaction in transactions]

    def call(self, transaction: Transaction) -> tuple[bool, bytes]:
        """Execute without effect: success, and output or revert data."""
        message = self._prepare(transaction)
        self._state.lock_changes()
        before = self._state.snapshot()
        computation = self._state.execute(message)
        self._state.revert(before)
        return computation.is_success, computation.output

    def balance_wei(self, address: str) -> int:
        """Ether held by an address."""
        return self._state.get_balance(_address(address))

    def snapshot(self) -> object:
        """A token of the present state, block and time."""
        self._state.persist()
        return _Snapshot(
            self,
            self._state.state_root,
            self._block_number,
            self._timestamp,
            frozenset(self._accounts),
        )

    def revert(self, token: object) -> None:
        """Go back to a snapshot of this chain, as often as wanted."""
        if not isinstance(token, _Snapshot) or token.chain is not self:
            raise ChainError(f"{token!r} is not a snapshot of this chain")
        self._block_number = token.block_number
        self._timestamp = token.timestamp
        self._accounts = set(token.accounts)
        self._state = self._open(token.state_root)

    def close(self) -> None:
        """Nothing to let go: the chain is in this process."""

    def state_root(self) -> bytes:
        """Root hash of the state, as a block header would carry it."""
        self._state.persist()
        return self._state.state_root

    def _open(self, root: Hash32) -> State:
        return State(self._db, self._context(), root)

    def _context(self) -> ExecutionContext:
        return ExecutionContext(
            coinbase=ZERO_ADDRESS,
            timestamp=self._timestamp,
            block_number=BlockNumber(self._block_number),
            difficulty=0,
            mix_hash=ZERO_HASH32,
            gas_limit=BLOCK_GAS_LIMIT,
            prev_hashes=(),
            chain_id=self._chain_id,
            base_fee_per_gas=0,
            excess_blob_gas=0,
        )

    def _transact(self, transaction: Transaction) -> Receipt:
        check_sender(transaction, self._accounts)
        message = self._prepare(transaction)
        paid_wei = transaction.gas_limit * transaction.gas_price_wei
        self._pay(message.sender, -paid_wei)
        self._state.lock_changes()  # earlier transactions become SSTORE's original values
        computation = self._state.execute(message)
        receipt = self._receipt(transaction, message, computation)
        fee_wei = receipt.gas_used * transaction.gas_price_wei
        self._pay(message.sender, paid_wei - fee_wei)
        self._pay(ZERO_ADDRESS, fee_wei)
        return receipt

    def _pay(self, address: Address, wei: int) -> None:
        if wei:
            self._state.set_balance(address, self._state.get_balance(address) + wei)

    def _prepare(self, transaction: Transaction) -> UnsignedTransaction:
        check_transaction(transaction)
        sender = _address(transaction.sender)
        if transaction.value_wei or transaction.gas_price_wei:
            check_balance(transaction, self._state.get_balance(sender))
        to = CREATE_CONTRACT_ADDRESS if transaction.to is None else _address(transaction.to)
        return UnsignedTransaction(
            sender=sender,
            to=to,
            data=transaction.data,
            value=transaction.value_wei,
            gas=transaction.gas_limit,
            intrinsic_gas=intrinsic_gas(transaction),
            access_list=tuple(
                (_address(address), slots) for address, slots in transaction.access_list
            ),
        )

    def _receipt(
        self, transaction: Transaction, message: UnsignedTransaction, computation: ComputationAPI
    ) -> Receipt:
        success = computation.is_success
        created = success and transaction.to is None
        return Receipt(
            status=success,
            gas_used=gas_charged(message, computation, floor_gas(transaction)),
            logs=tuple(
                Log(
                    checksum_address(address),
                    tuple(topic.to_bytes(32, "big") for topic in topics),
                    data,
                )
                for address, topics, data in computation.get_log_entries()
            ),
            output=b"" if success else computation.output,
            contract_address=(
                checksum_address(computation.msg.storage_address) if created else None
            ),
            block_number=self._block_number,
            timestamp=self._timestamp,
        )


def _address(address: str) -> Address:
    return Address(canonical_address(address))
