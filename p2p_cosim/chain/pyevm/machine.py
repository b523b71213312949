"""py-evm's Prague state with unsigned, fee-less transactions executed once.

What is changed against py-evm, and why it stays exact:
- the sender is given, so nothing is signed, recovered or validated here (`chain.rules`
  does that before);
- debug strings that py-evm formats for every transaction, and never prints, are left out.

The opcode loop and everything below it are py-evm's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from eth._utils.address import generate_contract_address
from eth.abc import (
    ComputationAPI,
    MessageAPI,
    SignedTransactionAPI,
)
from eth.constants import CREATE_CONTRACT_ADDRESS
from eth.vm.forks.prague.state import PragueState, PragueTransactionExecutor
from eth.vm.message import Message
from eth_typing import Address

from p2p_cosim.chain.rules import MAX_REFUND_QUOTIENT

DYNAMIC_FEE_TYPE = 2


@dataclass(frozen=True, slots=True)
class UnsignedTransaction:
    """What py-evm's executor reads of a transaction; its fees are paid outside of it.

    The attribute names are py-evm's. `to` is empty for a creation.
    """

    sender: Address
    to: Address
    data: bytes
    value: int
    gas: int
    intrinsic_gas: int
    access_list: tuple[tuple[Address, tuple[int, ...]], ...] = ()
    type_id: int = DYNAMIC_FEE_TYPE
    gas_price: int = 0
    max_fee_per_gas: int = 0
    max_priority_fee_per_gas: int = 0


class Executor(PragueTransactionExecutor):
    """Runs one transaction on the state, from nonce to finalisation."""

    def validate_transaction(self, transaction: SignedTransactionAPI) -> None:
        """Nothing: validity was checked before, and there is no signature."""

    def build_evm_message(self, transaction: SignedTransactionAPI) -> MessageAPI:
        """The outermost message; increments the sender's nonce."""
        state = self.vm_state
        nonce = state.get_nonce(transaction.sender)
        state.set_nonce(transaction.sender, nonce + 1)
        gas = transaction.gas - transaction.intrinsic_gas
        if transaction.to == CREATE_CONTRACT_ADDRESS:
            return Message(
                gas=gas,
                to=transaction.to,
                sender=transaction.sender,
                value=transaction.value,
                data=b"",
                code=transaction.data,
                create_address=generate_contract_address(transaction.sender, nonce),
            )
        code, delegation = self.get_code_at_address(transaction.to)
        return Message(
            gas=gas,
            to=transaction.to,
            sender=transaction.sender,
            value=transaction.value,
            data=transaction.data,
            code=code,
            is_delegation=delegation is not None,
        )


class State(PragueState):
    """The world state of the in-process chain."""

    transaction_executor_class = Executor

    def execute(self, transaction: UnsignedTransaction) -> ComputationAPI:
        """Run a transaction and finalise it: refunds, deletions, touched accounts."""
        return self.apply_transaction(cast(SignedTransactionAPI, transaction))


def gas_charged(transaction: UnsignedTransaction, computation: ComputationAPI, floor: int) -> int:
    """Gas on the receipt: what was used less capped refunds, at least the floor.

    Refund cap: EIP-3529. floor: EIP-7623, 21000 + 10 per calldata token.
    """
    used = transaction.gas - computation.get_gas_remaining()
    refund = min(computation.get_gas_refund(), used // MAX_REFUND_QUOTIENT)
    return max(used - refund, floor)
