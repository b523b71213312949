"""The chain on which mutants meet the tests: revm, by pyrevm.

A mutant's code is run for a second and never again, so that it does not pay to generate Python
from it as the default chain does. Accounts stay warm between transactions: gas is a little less.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyrevm import EVM, BlockEnv, CfgEnv, Env

from p2p_cosim.chain.accounts import (
    FAUCET,
    FAUCET_WEI,
    FUNDING_WEI,
    GENESIS_TIMESTAMP,
    address_of,
    checksum_address,
)
from p2p_cosim.chain.rules import (
    BLOCK_GAS_LIMIT,
    CHAIN_ID,
    FORK,
    check_balance,
    check_sender,
    check_timestamp,
    check_transaction,
)
from p2p_cosim.core.protocols import ChainCapabilities
from p2p_cosim.core.types import Log, Receipt, Transaction

ANY_SIZE_BYTES = 1 << 20
PADDING_BYTES = 33  # that revm puts behind code
_OUTPUT = re.compile(r"output: 0x([0-9a-f]*)")


@dataclass
class _Snapshot:
    mark: Any
    number: int
    timestamp: int
    accounts: frozenset[str]


class RevmChain:
    """As `GeneratedChain`; what is not used by tests of contracts is left out."""

    def __init__(self, timestamp: int = GENESIS_TIMESTAMP, chain_id: int = CHAIN_ID) -> None:
        self.timestamp, self.block_number = timestamp, 1
        limits = CfgEnv(chain_id=chain_id, limit_contract_code_size=ANY_SIZE_BYTES)
        self._evm = EVM(Env(cfg=limits), gas_limit=BLOCK_GAS_LIMIT, spec_id=FORK.upper())
        self._accounts = {address_of(FAUCET)}
        self._evm.set_balance(address_of(FAUCET), FAUCET_WEI)
        self._set_block()

    capabilities = ChainCapabilities(exact_gas=False, blocks=False, signatures=False, fork=FORK)

    def account(self, label: str) -> str:
        """Checksum address of a label, funded at first use."""
        address = address_of(label)
        if address not in self._accounts:
            self._accounts.add(address)
            self._evm.set_balance(address, self.balance_wei(address) + FUNDING_WEI)
        return address

    def advance_to(self, timestamp: int) -> None:
        """Begin the next block."""
        check_timestamp(timestamp, self.timestamp)
        self.timestamp, self.block_number = timestamp, self.block_number + 1
        self._set_block()

    def transact_many(self, transactions: Sequence[Transaction]) -> list[Receipt]:
        """Execute in order."""
        return [self._transact(transaction) for transaction in transactions]

    def call(self, transaction: Transaction) -> tuple[bool, bytes]:
        """Execute without effect: success, and output or revert data."""
        mark = self._evm.snapshot()
        success, output, _ = self._execute(transaction)
        self._evm.revert(mark)
        return success, output

    def balance_wei(self, address: str) -> int:
        """Ether held by an address."""
        balance: int = self._evm.get_balance(address)
        return balance

    def snapshot(self) -> object:
        """A token of the present state, block and time."""
        mark = self._evm.snapshot()
        return _Snapshot(mark, self.block_number, self.timestamp, frozenset(self._accounts))

    def revert(self, token: object) -> None:
        """Go back to the newest snapshot, as often as wanted."""
        assert isinstance(token, _Snapshot)
        self._evm.revert(token.mark)
        token.mark = self._evm.snapshot()
        self.block_number, self.timestamp = token.number, token.timestamp
        self._accounts = set(token.accounts)
        self._set_block()

    def close(self) -> None:
        """Nothing to let go."""

    def _set_block(self) -> None:
        block = BlockEnv(
            number=self.block_number, timestamp=self.timestamp, gas_limit=BLOCK_GAS_LIMIT
        )
        self._evm.set_block_env(block)

    def _transact(self, transaction: Transaction) -> Receipt:
        check_sender(transaction, self._accounts)
        success, output, created = self._execute(transaction)
        result = self._evm.result
        assert result
        logs = [
            Log(checksum_address(log.address), tuple(map(_bytes, log.topics)), log.data[1])
            for log in (result.logs if success else ())
        ]
        return Receipt(
            status=success,
            gas_used=result.gas_used,
            logs=tuple(logs),
            output=b"" if success else output,
            contract_address=created,
            block_number=self.block_number,
            timestamp=self.timestamp,
        )

    def _execute(self, transaction: Transaction) -> tuple[bool, bytes, str | None]:
        check_transaction(transaction)
        if transaction.value_wei:
            check_balance(transaction, self.balance_wei(transaction.sender))
        self._evm.reset_transient_storage()
        how: dict[str, Any] = {"value": transaction.value_wei, "gas": transaction.gas_limit}
        try:
            if transaction.to is None:
                new = self._evm.deploy(transaction.sender, transaction.data, **how)
                code = self._evm.get_code(new) or b""
                return True, code[:-PADDING_BYTES], checksum_address(new)
            done = self._evm.message_call(
                transaction.sender, transaction.to, transaction.data, **how
            )
        except RuntimeError as error:
            found = _OUTPUT.search(str(error))
            return False, bytes.fromhex(found[1]) if found else b"", None
        return True, done, None


def _bytes(word: str) -> bytes:
    return bytes.fromhex(word.removeprefix("0x"))
