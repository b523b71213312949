"""What people sign in words (EIP-712), and who did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eth_abi.abi import encode
from eth_hash.auto import keccak

from p2p_cosim.chain.accounts import signer_of
from p2p_cosim.core.errors import CosimError

NAME, VERSION = "p2p_cosim", "1"
_DOMAIN_TYPE = (
    "EIP712Domain(string name,string version,uint256 chainId,"
    "address verifyingContract,bytes32 salt)"
)
SIGNATURE_BYTES = 65
_PARITY = {0: 0, 1: 1, 27: 0, 28: 1}  # by v, as wallets have it


class SignatureError(CosimError):
    """A signature that is none, or somebody else's."""


Field = tuple[str, str, object]
"""Name, type and value of a field."""


@dataclass(frozen=True, slots=True)
class Domain:
    """Where a signature counts: on one chain, for one market, in one episode of a server.

    salt: 32 bytes that no two episodes have alike.
    """

    chain_id: int
    market: str
    salt: bytes

    def digest(self, kind: str, fields: Sequence[Field]) -> bytes:
        """The 32 bytes that are signed. kind: the primary type. fields: name, type, value."""
        written = f"{kind}({','.join(f'{type_} {name}' for name, type_, _ in fields)})"
        content = keccak(written.encode()) + b"".join(_word(type_, v) for _, type_, v in fields)
        return keccak(b"\x19\x01" + self._separator() + keccak(content))

    def _separator(self) -> bytes:
        types = ("bytes32", "bytes32", "bytes32", "uint256", "address", "bytes32")
        values = [keccak(text.encode()) for text in (_DOMAIN_TYPE, NAME, VERSION)]
        return keccak(encode(types, [*values, self.chain_id, self.market, self.salt]))


def _word(type_: str, value: object) -> bytes:
    if type_ == "string":
        return bytes(keccak(str(value).encode()))
    return bytes(encode((type_,), [value]))


def halves(signature: bytes) -> tuple[int, int, int]:
    """r, s and parity of a signature as wallets give it. Raises SignatureError for another length.

    What is no parity is -1, which no signature has.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise SignatureError(f"a signature has {SIGNATURE_BYTES} bytes, this one {len(signature)}")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    return r, s, _PARITY.get(signature[64], -1)


def signer(digest: bytes, signature: bytes) -> str:
    """The address whose key signed. Raises SignatureError for what nobody can have signed."""
    address = signer_of(digest, *halves(signature))
    if address is None:
        raise SignatureError("that is no signature of a wallet: sign again")
    return address
