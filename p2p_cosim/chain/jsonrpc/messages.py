"""What goes over the wire: transactions, receipts and failures, as the node writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from p2p_cosim.chain.accounts import canonical_address, checksum_address
from p2p_cosim.chain.jsonrpc.client import RpcError
from p2p_cosim.chain.rules import CHAIN_ID
from p2p_cosim.core.types import Log, Receipt, Transaction

_REVERTED = 3  # geth's error code for a call that reverted; anvil and Hardhat follow it


def call_object(transaction: Transaction) -> dict[str, str]:
    """The transaction as `eth_call` takes it, without fees."""
    fields = {
        "from": transaction.sender,
        "data": "0x" + transaction.data.hex(),
        "value": hex(transaction.value_wei),
        "gas": hex(transaction.gas_limit),
    }
    if transaction.to is not None:
        canonical_address(transaction.to)  # refuses what is no address
        fields["to"] = transaction.to
    return fields


def unsigned(transaction: Transaction, nonce: int) -> dict[str, str]:
    """The transaction as `eth_sendTransaction` takes it, at no fee."""
    return {**call_object(transaction), "nonce": hex(nonce), "gasPrice": "0x0"}


def signed(transaction: Transaction, nonce: int, key: bytes, chain_id: int = CHAIN_ID) -> str:
    """The transaction as `eth_sendRawTransaction` takes it, at no fee (EIP-1559)."""
    from eth_account import Account

    fields = {
        "type": 2,
        "chainId": chain_id,
        "nonce": nonce,
        "gas": transaction.gas_limit,
        "to": canonical_address(transaction.to) if transaction.to else b"",
        "value": transaction.value_wei,
        "data": transaction.data,
        "maxFeePerGas": 0,
        "maxPriorityFeePerGas": 0,
    }
    return "0x" + bytes(Account.sign_transaction(fields, key).raw_transaction).hex()


def receipt_of(raw: Mapping[str, Any], output: bytes, timestamp: int) -> Receipt:
    """A receipt. output: the revert data, which nodes do not put into theirs."""
    success = int(raw["status"], 16) == 1
    created = raw.get("contractAddress") if success else None
    return Receipt(
        status=success,
        gas_used=int(raw["gasUsed"], 16),
        logs=tuple(
            Log(
                checksum_address(log["address"]),
                tuple(bytes.fromhex(topic[2:]) for topic in log["topics"]),
                bytes.fromhex(log["data"][2:]),
            )
            for log in raw["logs"]
        ),
        output=output,
        contract_address=checksum_address(created) if created else None,
        block_number=int(raw["blockNumber"], 16),
        timestamp=timestamp,
    )


def failure_data(error: RpcError) -> bytes | None:
    """Revert data of a call that failed in the EVM; None if the node failed otherwise.

    A halt (out of gas, invalid opcode) has no data. anvil names it in the message
    ("EVM error OutOfGas"), Hardhat by nested data.
    """
    data = error.data.get("data") if isinstance(error.data, dict) else error.data
    if isinstance(data, str) and data.startswith("0x"):
        return bytes.fromhex(data[2:])
    if error.code == _REVERTED or error.reason.startswith("EVM error"):
        return b""
    return None
