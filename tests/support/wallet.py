"""Wallets of people outside the scenario, which sign with eth-account."""

from __future__ import annotations

from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount


def wallet(name: str) -> LocalAccount:
    """The same key for the same name."""
    account: LocalAccount = Account.from_key(name.encode().rjust(32, b"\1"))
    return account


def signed(account: LocalAccount, chain_id: int, nonce: int, **fields: Any) -> bytes:
    """A raw transaction: with EIP-1559 fees, unless `gasPrice` is among the fields."""
    fees = {} if "gasPrice" in fields else {"maxFeePerGas": 2, "maxPriorityFeePerGas": 1}
    content = {"chainId": chain_id, "nonce": nonce, "gas": 300_000, "value": 0, **fees, **fields}
    return bytes(account.sign_transaction(content).raw_transaction)
