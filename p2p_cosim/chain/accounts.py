"""Labelled accounts. A label gives the same key and address on every backend."""

from __future__ import annotations

from functools import lru_cache

from coincurve import PrivateKey, PublicKey
from eth_hash.auto import keccak
from eth_utils.address import is_address, to_canonical_address, to_checksum_address

from p2p_cosim.core.errors import ChainError

FUNDING_WEI = 10**24
"""Ether a labelled account starts with: a million, so that no model runs dry by accident."""

FAUCET = "p2p_cosim faucet"
"""Label of the account that funds all others."""

FAUCET_WEI = 10**33

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Of secp256k1."""

GENESIS_TIMESTAMP = 1_700_000_000
"""Unix seconds of the first block, where the caller names no other."""


@lru_cache(maxsize=4096)
def key_of(label: str) -> bytes:
    """Private key of a label: keccak256("p2p_cosim:" + label). For simulation only."""
    return keccak(f"p2p_cosim:{label}".encode())


@lru_cache(maxsize=4096)
def address_of(label: str) -> str:
    """Checksum address of a label: the last 20 bytes of the public key's hash."""
    point = PrivateKey(key_of(label)).public_key.format(compressed=False)
    return checksum_address(keccak(point[1:])[-20:])


def sign_digest(label: str, digest: bytes) -> tuple[int, int, int]:
    """(r, s, parity) of a label's signature of 32 bytes; s is in the lower half (EIP-2)."""
    signature = PrivateKey(key_of(label)).sign_recoverable(digest, hasher=None)
    r, s = (int.from_bytes(signature[i : i + 32], "big") for i in (0, 32))
    return r, s, signature[64]


@lru_cache(maxsize=65536)
def signer_of(digest: bytes, r: int, s: int, parity: int) -> str | None:
    """The address whose key signed 32 bytes; None for a signature that nobody can have made, and
    for the twin with the greater s that anybody can make of one (EIP-2)."""
    if not 0 < r < CURVE_ORDER or not 0 < s <= CURVE_ORDER // 2 or parity not in (0, 1):
        return None
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([parity])
    try:
        key = PublicKey.from_signature_and_message(signature, digest, hasher=None)
    except Exception:  # coincurve raises it bare
        return None
    return checksum_address(keccak(key.format(compressed=False)[1:])[-20:])


def checksum_address(address: str | bytes) -> str:
    """An address in the mixed case of EIP-55."""
    return to_checksum_address(address)


@lru_cache(maxsize=65536)
def canonical_address(address: str) -> bytes:
    """The 20 bytes of an address. Raises ChainError if it is none."""
    if not is_address(address):
        raise ChainError(f"{address!r} is not an address: expected 0x and 40 hex digits")
    return bytes(to_canonical_address(address))
