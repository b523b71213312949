"""What makes a transaction valid before any code runs, alike on every backend (Prague)."""

from __future__ import annotations

from collections.abc import Container

from p2p_cosim.core.errors import ChainError
from p2p_cosim.core.types import Transaction

FORK = "prague"

CHAIN_ID = 131277322940537
"""eth-tester's, which cannot be configured there; the others follow."""

BLOCK_GAS_LIMIT = 2**40
"""Far above any round: blocks are intervals of simulated time, not a scarce resource."""

TRANSACTION_GAS = 21_000
CREATION_GAS = 32_000
ZERO_BYTE_GAS = 4
OTHER_BYTE_GAS = 16  # EIP-2028
FLOOR_TOKEN_GAS = 10  # EIP-7623; a zero byte is one token, any other four
INITCODE_WORD_GAS = 2  # EIP-3860
LISTED_ADDRESS_GAS, LISTED_SLOT_GAS = 2_400, 1_900  # EIP-2930
MAX_INITCODE_BYTES = 49_152  # EIP-3860
MAX_REFUND_QUOTIENT = 5  # EIP-3529


def intrinsic_gas(transaction: Transaction) -> int:
    """Gas charged before execution, without the initcode words of EIP-3860."""
    zeros = transaction.data.count(0)
    others = len(transaction.data) - zeros
    creation = CREATION_GAS if transaction.to is None else 0
    listed = _listed_gas(transaction) if transaction.access_list else 0
    return TRANSACTION_GAS + creation + listed + zeros * ZERO_BYTE_GAS + others * OTHER_BYTE_GAS


def _listed_gas(transaction: Transaction) -> int:
    slots = sum(len(slots) for _, slots in transaction.access_list)
    return len(transaction.access_list) * LISTED_ADDRESS_GAS + slots * LISTED_SLOT_GAS


def floor_gas(transaction: Transaction) -> int:
    """The least gas that a transaction is charged for its calldata (EIP-7623)."""
    zeros = transaction.data.count(0)
    tokens = zeros + 4 * (len(transaction.data) - zeros)
    return TRANSACTION_GAS + FLOOR_TOKEN_GAS * tokens


def least_gas_limit(transaction: Transaction) -> int:
    """The least gas limit that makes a transaction valid (EIP-3860, EIP-7623)."""
    words = (len(transaction.data) + 31) // 32 if transaction.to is None else 0
    needed = intrinsic_gas(transaction) + words * INITCODE_WORD_GAS
    return max(needed, floor_gas(transaction))


def check_transaction(transaction: Transaction) -> None:
    """Raise ChainError for a transaction that no block may contain.

    Such a transaction has no receipt; that is different from one that reverts.
    """
    least = least_gas_limit(transaction)
    if transaction.gas_limit < least:
        raise ChainError(
            f"gas limit {transaction.gas_limit} is below the {least} gas charged before "
            "execution: raise `gas_limit`"
        )
    if transaction.gas_limit > BLOCK_GAS_LIMIT:
        raise ChainError(
            f"gas limit {transaction.gas_limit} exceeds the block's {BLOCK_GAS_LIMIT}: lower it"
        )
    if transaction.to is None and len(transaction.data) > MAX_INITCODE_BYTES:
        raise ChainError(
            f"init code of {len(transaction.data)} bytes exceeds {MAX_INITCODE_BYTES} "
            "(EIP-3860): split the contract"
        )
    if transaction.value_wei < 0:
        raise ChainError(f"value {transaction.value_wei} wei is negative")


def check_sender(transaction: Transaction, accounts: Container[str]) -> None:
    """Raise ChainError if the sender is not an account of the chain, and has not signed."""
    if not transaction.signed and transaction.sender not in accounts:
        raise ChainError(
            f"sender {transaction.sender} is no account of this chain: take it from account(label)"
        )


def check_timestamp(timestamp: int, present: int) -> None:
    """Raise ChainError unless a block timestamp is later than the present one."""
    if timestamp <= present:
        raise ChainError(
            f"block timestamp {timestamp} is not after {present}: simulated time only moves on"
        )


def check_balance(transaction: Transaction, balance_wei: int) -> None:
    """Raise ChainError if the sender cannot pay the value, and the gas where it is not free."""
    if balance_wei < transaction.value_wei + transaction.gas_limit * transaction.gas_price_wei:
        raise ChainError(
            f"{transaction.sender} holds {balance_wei} wei and cannot send "
            f"{transaction.value_wei}: lower the value"
        )
