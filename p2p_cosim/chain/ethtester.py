"""The reference backend: real blocks and signed transactions on eth-tester, with web3.

Two hundred times slower than the default chain, and a yardstick that it is compared with. Every
transaction is signed with the account's key, encoded, decoded, recovered and executed in the
block that is being built, which `advance_to` mines. Simulated time is exact: several
`transact_many` between two `advance_to` share one block and its timestamp.

Transactions enter through the chain object below eth-tester's own interface. That
interface mines a block per transaction or, with auto-mining off, undoes each pending
transaction, so that the next one of the same sender is refused; and it hides revert data.
For the same reason use `web3` for reading only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth.constants import CREATE_CONTRACT_ADDRESS, GENESIS_PARENT_HASH, ZERO_ADDRESS, ZERO_HASH32
from eth.vm.spoof import SpoofTransaction
from eth_tester import EthereumTester, PyEVMBackend
from web3 import EthereumTesterProvider, Web3

from p2p_cosim.chain.accounts import (
    FAUCET,
    FAUCET_WEI,
    FUNDING_WEI,
    GENESIS_TIMESTAMP,
    address_of,
    canonical_address,
    checksum_address,
    key_of,
)
from p2p_cosim.chain.jsonrpc.messages import signed
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
)
from p2p_cosim.core.errors import ChainError
from p2p_cosim.core.protocols import ChainCapabilities
from p2p_cosim.core.types import Log, Receipt, Transaction

NO_FEES = {"max_fee_per_gas": 0, "max_priority_fee_per_gas": 0}


@dataclass(frozen=True, slots=True)
class _Snapshot:
    chain: EthTesterChain
    header: Any
    labels: tuple[tuple[str, str], ...]


class EthTesterChain:
    """web3 and eth-tester behind `core.protocols.Chain`.

    timestamp: Unix seconds of the first block. Invalid transactions raise ChainError as
    `GeneratedChain` does.
    """

    def __init__(self, timestamp: int = GENESIS_TIMESTAMP) -> None:
        genesis = PyEVMBackend.generate_genesis_params(
            {"timestamp": timestamp - 1, "gas_limit": BLOCK_GAS_LIMIT}
        )
        # Zero stays zero, as no block is ever half full.
        genesis["base_fee_per_gas"] = 0
        faucet = address_of(FAUCET)
        state = {
            canonical_address(faucet): {
                "balance": FAUCET_WEI,
                "nonce": 0,
                "code": b"",
                "storage": {},
            }
        }
        backend = PyEVMBackend(genesis_parameters=genesis, genesis_state=state)
        self._tester = EthereumTester(backend, auto_mine_transactions=False)
        self.web3 = Web3(EthereumTesterProvider(self._tester))
        self._labels = {faucet: FAUCET}
        self._evm.set_header_timestamp(timestamp)

    def __repr__(self) -> str:
        return f"EthTesterChain(block={self.block_number}, timestamp={self.timestamp})"

    @property
    def capabilities(self) -> ChainCapabilities:
        """Exact gas, real blocks, real signatures."""
        return ChainCapabilities(exact_gas=True, blocks=True, signatures=True, fork=FORK)

    @property
    def timestamp(self) -> int:
        """Timestamp of the block that is being built (Unix seconds)."""
        return int(self._evm.header.timestamp)

    @property
    def block_number(self) -> int:
        """Number of the block that is being built; the first is 1."""
        return int(self._evm.header.block_number)

    def account(self, label: str) -> str:
        """Checksum address of a label, funded with FUNDING_WEI at first use."""
        address = address_of(label)
        if address not in self._labels:
            self._labels[address] = label
            grant = Transaction(address_of(FAUCET), address, b"", FUNDING_WEI, TRANSACTION_GAS)
            self.transact_many([grant])
        return address

    def advance_to(self, timestamp: int) -> None:
        """Mine the block and begin the next. Raises ChainError unless it is later."""
        check_timestamp(timestamp, self.timestamp)
        # Not through eth-tester, which draws a random mix_hash (PREVRANDAO) for each block.
        self._evm.mine_block(coinbase=ZERO_ADDRESS, mix_hash=ZERO_HASH32)
        self._evm.set_header_timestamp(timestamp)

    def transact_many(self, transactions: Sequence[Transaction]) -> list[Receipt]:
        """Sign and execute in order in the block being built."""
        return [self._transact(transaction) for transaction in transactions]

    def call(self, transaction: Transaction) -> tuple[bool, bytes]:
        """Execute without effect: success, and output or revert data."""
        check_transaction(transaction)
        check_balance(transaction, self.balance_wei(transaction.sender))
        vm = self._evm.get_vm()  # a state of its own, thrown away below
        sender = canonical_address(transaction.sender)
        unsigned = vm.get_transaction_builder().new_unsigned_dynamic_fee_transaction(
            chain_id=CHAIN_ID,
            nonce=vm.state.get_nonce(sender),
            gas=transaction.gas_limit,
            to=canonical_address(transaction.to) if transaction.to else CREATE_CONTRACT_ADDRESS,
            value=transaction.value_wei,
            data=transaction.data,
            access_list=(),
            **NO_FEES,
        )
        computation = vm.state.apply_transaction(SpoofTransaction(unsigned, from_=sender))
        return computation.is_success, computation.output

    def balance_wei(self, address: str) -> int:
        """Ether held by an address."""
        return int(self._evm.get_vm().state.get_balance(canonical_address(address)))

    def snapshot(self) -> object:
        """A token of the present state, block and time."""
        return _Snapshot(self, self._evm.header, tuple(self._labels.items()))

    def revert(self, token: object) -> None:
        """Go back to a snapshot of this chain, as often as wanted."""
        if not isinstance(token, _Snapshot) or token.chain is not self:
            raise ChainError(f"{token!r} is not a snapshot of this chain")
        chaindb = self._evm.chaindb
        parent = chaindb.get_block_header_by_hash(token.header.parent_hash)
        # As eth-tester's own revert does; it cannot restore a block that is being built.
        chaindb._set_as_canonical_chain_head(chaindb.db, parent, GENESIS_PARENT_HASH)
        self._evm.header = token.header
        self._labels = dict(token.labels)

    def close(self) -> None:
        """Nothing to let go: the chain is in this process."""

    def state_root(self) -> bytes:
        """Root hash of the state after the last transaction."""
        return bytes(self._evm.header.state_root)

    @property
    def _evm(self) -> Any:
        return self._tester.backend.chain

    def _transact(self, transaction: Transaction) -> Receipt:
        check_sender(transaction, self._labels)
        check_transaction(transaction)
        check_balance(transaction, self.balance_wei(transaction.sender))
        vm = self._evm.get_vm()
        gas_before = self._evm.header.gas_used
        raw = transaction.signed or self._sign(transaction, vm.state)
        decoded = vm.get_transaction_builder().decode(raw)
        _, receipt, computation = self._evm.apply_transaction(decoded)
        success = computation.is_success
        created = success and transaction.to is None
        return Receipt(
            status=success,
            # py-evm caps refunds once more after adding the floor, and so can undercut it.
            gas_used=max(receipt.gas_used - gas_before, floor_gas(transaction)),
            logs=tuple(
                Log(
                    checksum_address(log.address),
                    tuple(topic.to_bytes(32, "big") for topic in log.topics),
                    log.data,
                )
                for log in receipt.logs
            ),
            output=b"" if success else computation.output,
            contract_address=(
                checksum_address(computation.msg.storage_address) if created else None
            ),
            block_number=self.block_number,
            timestamp=self.timestamp,
        )

    def _sign(self, transaction: Transaction, state: Any) -> bytes:
        nonce = state.get_nonce(canonical_address(transaction.sender))
        return bytes.fromhex(
            signed(transaction, nonce, key_of(self._labels[transaction.sender]))[2:]
        )
