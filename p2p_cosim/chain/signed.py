"""Transactions as wallets sign them: legacy, with an access list, with EIP-1559 fees.

https://eips.ethereum.org/EIPS/eip-155, -2718, -2930, -1559.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import rlp
from eth_hash.auto import keccak
from rlp.exceptions import RLPException

from p2p_cosim.chain.accounts import CURVE_ORDER, checksum_address, signer_of
from p2p_cosim.core.errors import ChainError
from p2p_cosim.core.types import Transaction

LEGACY, ACCESS_LIST, DYNAMIC_FEE = 0, 1, 2
_FIELDS = {LEGACY: 9, ACCESS_LIST: 11, DYNAMIC_FEE: 12}
MOST_BYTES = 2**17
"""Of a transaction, as geth has it."""

_WORD, _LONG = 2**256, 2**64

AccessList = tuple[tuple[str, tuple[int, ...]], ...]


class NoTransactionError(ChainError):
    """Bytes that are no signed transaction of a known type."""


@dataclass(frozen=True)
class SignedTransaction:
    """What a wallet signed. `raw` is what it sent; the other fields say the same.

    kind: 0, 1 or 2 (EIP-2718). chain_id: None for a legacy transaction that is good on every
    chain. max_fee_wei, max_tip_wei: per gas; equal where there is one gas price. r, s and the
    y_parity of the signature.
    """

    raw: bytes
    kind: int
    chain_id: int | None
    nonce: int
    max_fee_wei: int
    max_tip_wei: int
    gas_limit: int
    to: str | None
    value_wei: int
    data: bytes
    access_list: AccessList
    y_parity: int
    r: int
    s: int
    sender: str

    @cached_property
    def hash(self) -> bytes:
        """The hash that the transaction is known by."""
        return keccak(self.raw)

    @property
    def cost_wei(self) -> int:
        """The most that the sender may have to pay."""
        return self.value_wei + self.gas_limit * self.max_fee_wei

    def transaction(self) -> Transaction:
        """As the chain executes it, where blocks have no base fee."""
        return Transaction(
            sender=self.sender,
            to=self.to,
            data=self.data,
            value_wei=self.value_wei,
            gas_limit=self.gas_limit,
            gas_price_wei=min(self.max_tip_wei, self.max_fee_wei),
            access_list=self.access_list,
            signed=self.raw,
        )


def decode_signed(raw: bytes) -> SignedTransaction:
    """Read a signed transaction and recover who signed it.

    Raises NoTransactionError for anything else, and for a signature that nobody can have made.
    """
    if len(raw) > MOST_BYTES:
        raise NoTransactionError(f"oversized data: transaction size {len(raw)}, limit {MOST_BYTES}")
    kind = raw[0] if raw and raw[0] < 0x80 else LEGACY
    if kind not in _FIELDS or not raw:
        raise NoTransactionError("transaction type not supported")
    try:
        fields = rlp.decode(raw[1:] if kind else raw)
    except (RLPException, RecursionError) as error:
        raise NoTransactionError(f"rlp: {error}") from None
    if not isinstance(fields, list) or len(fields) != _FIELDS[kind]:
        raise NoTransactionError(f"rlp: a transaction of type {kind} has {_FIELDS[kind]} fields")
    return _legacy(raw, fields) if kind == LEGACY else _typed(raw, kind, fields)


def _legacy(raw: bytes, fields: list[Any]) -> SignedTransaction:
    nonce, price, gas, to, value, data, v, r, s = fields
    recovery = _integer(v)
    if recovery in (27, 28):
        chain_id, parity, signed = None, recovery - 27, fields[:6]
    elif recovery >= 35:  # EIP-155
        chain_id, parity = divmod(recovery - 35, 2)
        signed = [*fields[:6], chain_id, b"", b""]
    else:
        raise NoTransactionError("invalid transaction v, r, s values")
    return _signed(
        keccak(rlp.encode(signed)),
        raw=raw,
        kind=LEGACY,
        chain_id=chain_id,
        nonce=_integer(nonce, _LONG),
        max_fee_wei=_integer(price),
        max_tip_wei=_integer(price),
        gas_limit=_integer(gas, _LONG),
        to=_recipient(to),
        value_wei=_integer(value),
        data=_bytes(data),
        access_list=(),
        y_parity=parity,
        r=_integer(r),
        s=_integer(s),
    )


def _typed(raw: bytes, kind: int, fields: list[Any]) -> SignedTransaction:
    chain_id, nonce = fields[:2]
    fees = fields[2:4] if kind == DYNAMIC_FEE else [fields[2]] * 2
    gas, to, value, data, access_list, parity, r, s = fields[-8:]
    if _integer(parity) > 1:
        raise NoTransactionError("invalid transaction v, r, s values")
    return _signed(
        keccak(bytes([kind]) + rlp.encode(fields[:-3])),
        raw=raw,
        kind=kind,
        chain_id=_integer(chain_id),
        nonce=_integer(nonce, _LONG),
        max_fee_wei=_integer(fees[1]),
        max_tip_wei=_integer(fees[0]),
        gas_limit=_integer(gas, _LONG),
        to=_recipient(to),
        value_wei=_integer(value),
        data=_bytes(data),
        access_list=_access_list(access_list),
        y_parity=_integer(parity),
        r=_integer(r),
        s=_integer(s),
    )


def _signed(digest: bytes, **fields: Any) -> SignedTransaction:
    r, s, parity = fields["r"], fields["s"], fields["y_parity"]
    if not 0 < r < CURVE_ORDER or not 0 < s <= CURVE_ORDER // 2:  # EIP-2
        raise NoTransactionError("invalid transaction v, r, s values")
    sender = signer_of(digest, r, s, parity)
    if sender is None:
        raise NoTransactionError("invalid sender")
    return SignedTransaction(sender=sender, **fields)


def _integer(value: object, limit: int = _WORD) -> int:
    if not isinstance(value, bytes) or value[:1] == b"\0":
        raise NoTransactionError("rlp: an integer without leading zeros is expected")
    number = int.from_bytes(value, "big")
    if number >= limit:
        raise NoTransactionError(f"rlp: an integer below 2^{limit.bit_length() - 1} is expected")
    return number


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise NoTransactionError("rlp: data are a string of bytes")
    return value


def _recipient(value: object) -> str | None:
    if not isinstance(value, bytes) or len(value) not in (0, 20):
        raise NoTransactionError("rlp: a recipient has 20 bytes, or none to create a contract")
    return checksum_address(value) if value else None


def _access_list(value: object) -> AccessList:
    entries = value if isinstance(value, list) else [None]
    read = []
    for entry in entries:
        if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[1], list):
            raise NoTransactionError("rlp: an access list has addresses, each with a list of slots")
        address = _recipient(entry[0])
        if address is None or not all(_is_slot(slot) for slot in entry[1]):
            raise NoTransactionError("rlp: an access list has addresses and slots of 32 bytes")
        read.append((address, tuple(int.from_bytes(slot, "big") for slot in entry[1])))
    return tuple(read)


def _is_slot(value: object) -> bool:
    return isinstance(value, bytes) and len(value) == 32
