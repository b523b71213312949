"""ABI encoding of single words, and of structs and arrays of them, without eth_abi.

That is all that the market's calls, views and events are made of. eth_abi walks a tree of codecs
and reads from a stream, which costs as much as the default chain takes to run a transaction.
Anything unusual here (a value out of range, padding that is not clean, data not laid out as solc
does, another type) gives None, and eth_abi decides, so that there is one place that says what
is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from struct import Struct
from typing import Any, NamedTuple

from p2p_cosim.chain.accounts import canonical_address, checksum_address
from p2p_cosim.core.errors import ChainError

WORD = 32
_ALL = (1 << 8 * WORD) - 1
_SHORT_BITS, _SHORT = 64, "24xQ"
_NUMBER = re.compile(r"(u?)int(\d+)")
_FIXED_BYTES = re.compile(r"bytes(\d+)")

Encoder = Callable[[Any], bytes | None]
Decoder = Callable[[Any], Any]
Parameter = Mapping[str, Any]
"""An entry of an ABI's inputs, outputs or components."""
Record = Callable[[Parameter], Callable[..., Any]]
"""Gives what makes one value of a struct's fields."""


class _Codec(NamedTuple):
    """Codec of a word.

    form: as what `struct` cuts it out, which is the value itself where there is nothing to decode.
    beyond: its bits that have to be zero.
    """

    encode: Encoder
    decode: Decoder | None
    form: str = f"{WORD}s"
    beyond: int = 0


class Words:
    """Codec of a list of parameters: elementary types, structs of them, arrays of either.

    Use `of`, which gives None for a list with anything else in it.
    """

    def __init__(self, parts: Sequence[_Part | _Array]) -> None:
        self._parts = parts
        self._head = sum(part.size for part in parts)
        self._is_flat = all(isinstance(part, _Part) and not part.make for part in parts)
        # All words of a flat list are one part, which saves a turn for each.
        self._flat = _Part([c for p in parts if isinstance(p, _Part) for c in p.codecs])

    @classmethod
    def of(cls, parameters: Sequence[Parameter], record: Record) -> Words | None:
        """The codec of these parameters, if it can be one."""
        parts = [_part(parameter, record) for parameter in parameters]
        return cls([part for part in parts if part]) if all(parts) else None

    def encode(self, args: Sequence[Any]) -> bytes | None:
        """The words, or None."""
        if self._is_flat:
            return self._flat.encode(args)
        heads: list[bytes | None] = []
        tails: list[bytes | None] = []
        place = self._head
        for part, arg in zip(self._parts, args, strict=True):
            words = part.encode_value(arg)
            if words is None:
                return None
            if isinstance(part, _Array):
                heads.append(place.to_bytes(WORD, "big"))
                tails.append(words)
                place += len(words)
            else:
                heads.append(words)
        return _joined([*heads, *tails])

    def decode(self, data: bytes) -> tuple[Any, ...] | None:
        """The values, or None. What follows the words is ignored, as eth_abi does."""
        if len(data) < self._head:
            return None
        if self._is_flat:
            return self._flat.decode(data, 0)
        values: list[Any] = []
        place, tail = 0, self._head
        for part in self._parts:
            if isinstance(part, _Array):
                if int.from_bytes(data[place : place + WORD], "big") != tail:
                    return None
                value, tail = part.decode_value(data, tail)
            else:
                value = part.decode_value(data, place)
            if value is None:
                return None
            values.append(value)
            place += part.size
        return tuple(values)


class _Part:
    """A fixed number of words: an elementary type, or a struct, whose value `make` makes."""

    def __init__(self, codecs: Sequence[_Codec], make: Callable[..., Any] | None = None) -> None:
        self.codecs, self.make = codecs, make
        self.size = WORD * len(codecs)
        self._encoders = [codec.encode for codec in codecs]
        self._decoders = [(i, c.decode) for i, c in enumerate(codecs) if c.decode]
        self._cut = Struct(">" + "".join(codec.form for codec in codecs)).unpack_from
        beyond = b"".join(codec.beyond.to_bytes(WORD, "big") for codec in codecs)
        self._beyond = int.from_bytes(beyond, "big")

    def encode(self, values: Sequence[Any]) -> bytes | None:
        """The words of as many values."""
        return _joined([f(value) for f, value in zip(self._encoders, values, strict=True)])

    def decode(self, data: bytes, place: int) -> tuple[Any, ...] | None:
        """As many values."""
        if self._beyond & int.from_bytes(data[place : place + self.size], "big"):
            return None
        values = [*self._cut(data, place)]
        for i, decode in self._decoders:
            values[i] = decode(values[i])
        return None if None in values else tuple(values)

    def encode_value(self, value: Any) -> bytes | None:
        """The words of the one value."""
        if not self.make:
            return self._encoders[0](value)
        return None if isinstance(value, Mapping) else self.encode(value)

    def decode_value(self, data: bytes, place: int) -> Any:
        """The one value, or None."""
        values = self.decode(data, place)
        if values is None:
            return None
        return self.make(*values) if self.make else values[0]


class _Array:
    """Any number of the same part. In the head of a list it is one word, its place."""

    size = WORD

    def __init__(self, element: _Part) -> None:
        self._element = element

    def encode_value(self, values: Sequence[Any]) -> bytes | None:
        """Their number, and their words."""
        encode = self._element.encode_value
        return _joined([len(values).to_bytes(WORD, "big"), *map(encode, values)])

    def decode_value(self, data: bytes, place: int) -> tuple[tuple[Any, ...] | None, int]:
        """The values, or None, and the place after them."""
        size, decode = self._element.size, self._element.decode_value
        start = place + WORD
        end = start + size * int.from_bytes(data[place:start], "big")
        if end > len(data):
            return None, end
        values = [decode(data, at) for at in range(start, end, size)]
        return (None if None in values else tuple(values)), end


def _joined(words: Sequence[bytes | None]) -> bytes | None:
    return None if None in words else b"".join(words)  # type: ignore[arg-type]


def _part(parameter: Parameter, record: Record) -> _Part | _Array | None:
    kind = str(parameter["type"])
    if kind.endswith("[]"):
        element = _part({**parameter, "type": kind.removesuffix("[]")}, record)
        return _Array(element) if isinstance(element, _Part) else None
    if kind == "tuple":
        codecs = [_codec(field["type"]) for field in parameter["components"]]
        return _Part([c for c in codecs if c], record(parameter)) if all(codecs) else None
    codec = _codec(kind)
    return _Part([codec]) if codec else None


def _codec(abi_type: str) -> _Codec | None:
    if abi_type == "bool":
        return _Codec(_encode_bool, bool, _SHORT, _ALL - 1)
    if abi_type == "address":
        return _Codec(_encode_address, _decode_address)
    if number := _NUMBER.fullmatch(abi_type):
        bits = int(number[2])
        return _unsigned(bits) if number[1] else _signed(bits)
    if fixed := _FIXED_BYTES.fullmatch(abi_type):
        return _fixed_bytes(int(fixed[1]))
    return None


def _encode_bool(value: Any) -> bytes | None:
    return int(value).to_bytes(WORD, "big") if isinstance(value, bool) else None


def _encode_address(value: Any) -> bytes | None:
    return _address_word(value) if isinstance(value, str) else None


@lru_cache(maxsize=65536)
def _address_word(value: str) -> bytes | None:
    try:
        return canonical_address(value).rjust(WORD, b"\x00")
    except ChainError:
        return None


@lru_cache(maxsize=65536)
def _decode_address(word: bytes) -> str | None:
    return None if any(word[:12]) else checksum_address(word[12:])


def _unsigned(bits: int) -> _Codec:
    limit = 1 << bits

    def encode(value: Any) -> bytes | None:
        return value.to_bytes(WORD, "big") if type(value) is int and 0 <= value < limit else None

    beyond = _ALL - (limit - 1)
    if bits <= _SHORT_BITS:
        return _Codec(encode, None, _SHORT, beyond)
    return _Codec(encode, partial(int.from_bytes, byteorder="big"), beyond=beyond)


def _signed(bits: int) -> _Codec:
    half = 1 << (bits - 1)

    def encode(value: Any) -> bytes | None:
        if type(value) is int and -half <= value < half:
            return value.to_bytes(WORD, "big", signed=True)
        return None

    def decode(word: bytes) -> int | None:
        number = int.from_bytes(word, "big", signed=True)
        return number if -half <= number < half else None

    return _Codec(encode, decode)


def _fixed_bytes(size: int) -> _Codec:
    def encode(value: Any) -> bytes | None:
        return (
            value.ljust(WORD, b"\x00") if isinstance(value, bytes) and len(value) == size else None
        )

    def decode(word: bytes) -> bytes | None:
        return None if any(word[size:]) else word[:size]

    return _Codec(encode, decode)
