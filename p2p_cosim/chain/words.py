"""ABI encoding of lists of single words, the bulk of all calls and events, without eth_abi.

eth_abi walks a tree of codecs and reads from a stream, which costs as much as the default chain
takes to run a transaction. A list of words needs neither. Anything unusual here (a value out of
range, padding that is not clean, a list of another type) gives None, and eth_abi decides, so that
there is one place that says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from p2p_cosim.chain.accounts import canonical_address, checksum_address
from p2p_cosim.core.errors import ChainError

WORD = 32
_NUMBER = re.compile(r"(u?)int(\d+)")
_FIXED_BYTES = re.compile(r"bytes(\d+)")

Encoder = Callable[[Any], bytes | None]
Decoder = Callable[[bytes], Any]


class Words:
    """Codec of a list of elementary types of one word each.

    Use `of`, which gives None for a list with any other type in it.
    """

    def __init__(self, codecs: Sequence[tuple[Encoder, Decoder]]) -> None:
        self._encoders = [encoder for encoder, _ in codecs]
        self._decoders = [decoder for _, decoder in codecs]
        self._size = WORD * len(codecs)

    @classmethod
    def of(cls, types: Sequence[str]) -> Words | None:
        """The codec of these types, if each is one word."""
        codecs = [_codec(abi_type) for abi_type in types]
        return cls([c for c in codecs if c]) if all(codecs) else None

    def encode(self, args: Sequence[object]) -> bytes | None:
        """The words, or None."""
        words = [f(arg) for f, arg in zip(self._encoders, args, strict=True)]
        return None if None in words else b"".join(words)  # type: ignore[arg-type]

    def decode(self, data: bytes) -> tuple[Any, ...] | None:
        """The values, or None. What follows the words is ignored, as eth_abi does."""
        if len(data) < self._size:
            return None
        values = [
            f(data[place : place + WORD])
            for f, place in zip(self._decoders, range(0, self._size, WORD), strict=True)
        ]
        return None if None in values else tuple(values)


def _codec(abi_type: str) -> tuple[Encoder, Decoder] | None:
    if abi_type == "bool":
        return _encode_bool, _decode_bool
    if abi_type == "address":
        return _encode_address, _decode_address
    if number := _NUMBER.fullmatch(abi_type):
        bits = int(number[2])
        return _unsigned(bits) if number[1] else _signed(bits)
    if fixed := _FIXED_BYTES.fullmatch(abi_type):
        return _fixed_bytes(int(fixed[1]))
    return None


def _encode_bool(value: Any) -> bytes | None:
    return int(value).to_bytes(WORD, "big") if isinstance(value, bool) else None


def _decode_bool(word: bytes) -> bool | None:
    number = int.from_bytes(word, "big")
    return bool(number) if number <= 1 else None


def _encode_address(value: Any) -> bytes | None:
    if not isinstance(value, str):
        return None
    try:
        return canonical_address(value).rjust(WORD, b"\x00")
    except ChainError:
        return None


def _decode_address(word: bytes) -> str | None:
    return None if any(word[:12]) else checksum_address(word[12:])


def _unsigned(bits: int) -> tuple[Encoder, Decoder]:
    beyond = 1 << bits

    def encode(value: Any) -> bytes | None:
        return value.to_bytes(WORD, "big") if type(value) is int and 0 <= value < beyond else None

    def decode(word: bytes) -> int | None:
        number = int.from_bytes(word, "big")
        return number if number < beyond else None

    return encode, decode


def _signed(bits: int) -> tuple[Encoder, Decoder]:
    half = 1 << (bits - 1)

    def encode(value: Any) -> bytes | None:
        if type(value) is int and -half <= value < half:
            return value.to_bytes(WORD, "big", signed=True)
        return None

    def decode(word: bytes) -> int | None:
        number = int.from_bytes(word, "big", signed=True)
        return number if -half <= number < half else None

    return encode, decode


def _fixed_bytes(size: int) -> tuple[Encoder, Decoder]:
    def encode(value: Any) -> bytes | None:
        return (
            value.ljust(WORD, b"\x00") if isinstance(value, bytes) and len(value) == size else None
        )

    def decode(word: bytes) -> bytes | None:
        return None if any(word[size:]) else word[:size]

    return encode, decode
