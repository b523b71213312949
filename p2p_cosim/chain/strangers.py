"""Transactions that no agent of a run has sent, as plain data and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from p2p_cosim.core.types import Transaction

CALL = "call"
"""The kind of an input that is a transaction without a signature."""


def strangers_call(
    transaction: Transaction, labels: Mapping[str, str]
) -> tuple[str, dict[str, object]]:
    """Kind and payload of an `OutsideInput` for a transaction; wei as text, bytes in hex.

    labels: by address, of the chain's own accounts.
    """
    return CALL, {
        "account": labels.get(transaction.sender, transaction.sender),
        "to": transaction.to,
        "data": f"0x{transaction.data.hex()}",
        "value_wei": str(transaction.value_wei),
        "gas_limit": transaction.gas_limit,
    }


def call_of(payload: Mapping[str, object], account: Callable[[str], str]) -> Transaction:
    """The transaction of a payload. account: the chain's account of a label."""
    to = payload["to"]
    return Transaction(
        account(str(payload["account"])),
        None if to is None else str(to),
        bytes.fromhex(str(payload["data"])[2:]),
        int(str(payload["value_wei"])),
        int(str(payload["gas_limit"])),
    )
