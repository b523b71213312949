"""Encoding and decoding by ABI: functions, events and custom errors of one contract.

Selectors and codecs are looked up once per contract, because a run encodes thousands of
transactions. Values come out as plain Python: int, bool, bytes, str, checksum addresses,
enums as int, arrays as tuples, structs as named tuples (`round_.openPositions`).
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain
from typing import Any

from eth_abi.decoding import ContextFramesBytesIO
from eth_abi.exceptions import DecodingError, EncodingError
from eth_abi.registry import registry
from eth_hash.auto import keccak

from p2p_cosim.chain.accounts import checksum_address
from p2p_cosim.chain.artifact import Abi
from p2p_cosim.chain.words import Words
from p2p_cosim.core.errors import ChainError, RevertError
from p2p_cosim.core.types import Event, Log

# https://docs.soliditylang.org/en/latest/control-structures.html#panic-via-assert-and-error-via-require
PANICS = {
    0x00: "generic",
    0x01: "assertion failed",
    0x11: "arithmetic overflow or underflow",
    0x12: "division by zero",
    0x21: "value outside the enum",
    0x22: "storage byte array wrongly encoded",
    0x31: "pop from an empty array",
    0x32: "array index out of bounds",
    0x41: "too much memory allocated",
    0x51: "call of an uninitialised internal function",
}

_ERROR_ABI = {"name": "Error", "inputs": [{"name": "reason", "type": "string"}]}
_PANIC_ABI = {"name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]}


class Parameters:
    """Codec of a parameter list.

    Struct arguments may be given as sequences or as mappings by field name.
    """

    def __init__(self, inputs: Sequence[Mapping[str, Any]]) -> None:
        self.types = tuple(_type_of(p) for p in inputs)
        self.names = tuple(p.get("name") or f"_{i}" for i, p in enumerate(inputs))
        self._words = Words.of(inputs, _struct)
        self._to_abi = [_flattener(p) for p in inputs]
        self._to_python = [_converter(p) for p in inputs]
        self._encode = registry.get_tuple_encoder(*self.types)
        self._decode = registry.get_tuple_decoder(*self.types)

    def encode(self, args: Sequence[object]) -> bytes:
        """ABI encoding of the values. Raises eth_abi's EncodingError."""
        if self._words and (encoded := self._words.encode(args)) is not None:
            return encoded
        return bytes(
            self._encode([f(a) if f else a for f, a in zip(self._to_abi, args, strict=True)])
        )

    def decode(self, data: bytes) -> tuple[Any, ...]:
        """Values in order. Raises eth_abi's DecodingError."""
        if self._words and (decoded := self._words.decode(data)) is not None:
            return decoded
        values = self._decode(ContextFramesBytesIO(data))  # type: ignore[no-untyped-call]
        return tuple(f(v) if f else v for f, v in zip(self._to_python, values, strict=True))

    def decode_by_name(self, data: bytes) -> dict[str, Any]:
        """Values by parameter name (`_0`, `_1`... where the ABI has none)."""
        return dict(zip(self.names, self.decode(data), strict=True))


class Function:
    """A function, or the constructor (with an empty selector)."""

    def __init__(self, abi: Mapping[str, Any]) -> None:
        self.name: str = abi.get("name", "constructor")
        self.inputs = Parameters(abi.get("inputs", ()))
        self.outputs = Parameters(abi.get("outputs", ()))
        self.signature = f"{self.name}({','.join(self.inputs.types)})"
        self.selector = keccak(self.signature.encode())[:4] if "name" in abi else b""
        self._result = _record(self.name, self.outputs.names)

    def encode(self, args: Sequence[object]) -> bytes:
        """Calldata. Raises ChainError for a wrong number of arguments or an unfit value."""
        if len(args) != len(self.inputs.types):
            expected = ", ".join(
                f"{t} {n}" for t, n in zip(self.inputs.types, self.inputs.names, strict=True)
            )
            raise ChainError(
                f"{self.name} takes {len(self.inputs.types)} arguments ({expected}), "
                f"{len(args)} given"
            )
        try:
            return self.selector + self.inputs.encode(args)
        except (EncodingError, KeyError, ValueError, TypeError) as exc:
            raise ChainError(
                f"arguments {tuple(args)!r} do not fit {self.signature}: {exc}"
            ) from exc

    def decode_output(self, output: bytes) -> Any:
        """None, the one value, or a named tuple of several. Raises ChainError."""
        try:
            values = self.outputs.decode(output)
        except DecodingError as exc:
            raise ChainError(
                f"{self.signature} returned {len(output)} bytes that do not decode as "
                f"({','.join(self.outputs.types)}): is the contract deployed there?"
            ) from exc
        if len(values) <= 1:
            return values[0] if values else None
        return self._result(*values)


@dataclass(frozen=True, slots=True)
class EventCodec:
    """An event: its name and how its topics and data decode.

    An indexed string, bytes, array or struct exists on the chain as its hash only, and
    decodes to that.
    """

    name: str
    names: tuple[str, ...]
    indexed: Parameters
    plain: Parameters
    words: Words | None

    def decode(self, log: Log) -> Event:
        """The event, its arguments in the order of the declaration."""
        if self.words:
            found = self.words.decode(b"".join((*log.topics[1:], log.data)))
            if found is not None:
                return Event(self.name, dict(zip(self.names, found, strict=True)))
        values = self.indexed.decode_by_name(b"".join(log.topics[1:]))
        values |= self.plain.decode_by_name(log.data)
        return Event(self.name, {name: values[name] for name in self.names})


class Interface:
    """Everything callable, emitted or reverted with in one ABI."""

    def __init__(self, name: str, abi: Abi) -> None:
        self.name = name
        entries: list[Mapping[str, Any]] = list(abi)
        self.functions: dict[str, list[Function]] = {}
        for entry in entries:
            if entry["type"] == "function":
                self.functions.setdefault(entry["name"], []).append(Function(entry))
        constructors = [e for e in entries if e["type"] == "constructor"]
        self.constructor = Function(constructors[0] if constructors else {})
        self._events = dict(
            _event(e) for e in entries if e["type"] == "event" and not e.get("anonymous")
        )
        errors = [e for e in entries if e["type"] == "error"]
        self._errors = {f.selector: f for f in map(Function, [_ERROR_ABI, _PANIC_ABI, *errors])}

    def function(self, name: str, argument_count: int | None = None) -> Function:
        """The function with a name (`"f"`) or, when overloaded, a signature (`"f(uint256)"`).

        Raises ChainError if there is none, naming the nearest, or if the name is ambiguous.
        """
        plain_name = name.partition("(")[0]
        candidates = self.functions.get(plain_name, [])
        if not candidates:
            near = get_close_matches(plain_name, self.functions, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(self.functions)}"
            raise ChainError(f"{self.name} has no function {plain_name!r}: {hint}")
        if len(candidates) > 1 or "(" in name:
            signatures = ", ".join(f.signature for f in candidates)
            if "(" in name:
                candidates = [f for f in candidates if f.signature == name]
            elif argument_count is not None:
                candidates = [f for f in candidates if len(f.inputs.types) == argument_count]
            if len(candidates) != 1:
                raise ChainError(f"{self.name}.{name} does not name one of {signatures}")
        return candidates[0]

    def function_of(self, data: bytes) -> str:
        """The function that calldata calls: its name, or its selector in hex if it has none."""
        for function in chain.from_iterable(self.functions.values()):
            if function.selector == data[:4]:
                return function.name
        return "0x" + data[:4].hex()

    def decode_events(self, logs: Iterable[Log]) -> tuple[Event, ...]:
        """Named events; logs whose first topic is not in the ABI are left out."""
        known = ((self._events.get(log.topics[0]) if log.topics else None, log) for log in logs)
        return tuple(codec.decode(log) for codec, log in known if codec)

    def revert_error(self, function: str, output: bytes) -> RevertError:
        """What revert data says.

        Name and values of a custom error; `Error(reason)`; `Panic(code, meaning)`. The
        name is "" without data (a bare revert, or out of gas), and the selector in hex
        with `data` when the ABI does not know the error.
        """
        if not output:
            return RevertError(function, "", {})
        error = self._errors.get(output[:4])
        try:
            values = error.inputs.decode_by_name(output[4:]) if error else {}
        except DecodingError:
            error = None
        if error is None:
            return RevertError(function, "0x" + output[:4].hex(), {"data": "0x" + output.hex()})
        if error.name == "Panic":
            values["meaning"] = PANICS.get(values["code"], "unknown")
        return RevertError(function, error.name, values)


def _event(entry: Mapping[str, Any]) -> tuple[bytes, EventCodec]:
    inputs = [{**p, "name": p.get("name") or f"_{i}"} for i, p in enumerate(entry["inputs"])]
    indexed = [
        {**p, "type": "bytes32"} if _is_hashed_topic(p["type"]) else p
        for p in inputs
        if p["indexed"]
    ]
    plain = [p for p in inputs if not p["indexed"]]
    signature = f"{entry['name']}({','.join(_type_of(p) for p in inputs)})"
    names = tuple(p["name"] for p in inputs)
    ordered = [*indexed, *plain]
    is_in_order = tuple(p["name"] for p in ordered) == names
    words = Words.of(ordered, _struct) if is_in_order else None
    if any("[" in p["type"] for p in plain):
        words = None  # places of arrays count from the data, and not from the topics
    codec = EventCodec(entry["name"], names, Parameters(indexed), Parameters(plain), words)
    return keccak(signature.encode()), codec


def _is_hashed_topic(abi_type: str) -> bool:
    return abi_type in ("string", "bytes") or abi_type.startswith("tuple") or "[" in abi_type


def _type_of(parameter: Mapping[str, Any]) -> str:
    """Canonical type, structs written out: `tuple[]` becomes `(uint256,address)[]`."""
    kind: str = parameter["type"]
    if not kind.startswith("tuple"):
        return kind
    fields = ",".join(_type_of(c) for c in parameter["components"])
    return f"({fields}){kind.removeprefix('tuple')}"


def _element(parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**parameter, "type": parameter["type"].rpartition("[")[0]}


def _flattener(parameter: Mapping[str, Any]) -> Callable[[Any], Any] | None:
    """Turns structs given by field name into tuples; None where nothing can need it."""
    kind: str = parameter["type"]
    if not kind.startswith("tuple"):
        return None
    if kind.endswith("]"):
        inner = _flattener(_element(parameter))
        return lambda values: [inner(v) if inner else v for v in values]
    fields = [(c["name"], _flattener(c)) for c in parameter["components"]]

    def flatten(value: Any) -> Any:
        items = [value[n] for n, _ in fields] if isinstance(value, Mapping) else list(value)
        return tuple(f(v) if f else v for (_, f), v in zip(fields, items, strict=True))

    return flatten


def _converter(parameter: Mapping[str, Any]) -> Callable[[Any], Any] | None:
    """Turns eth_abi's values into ours; None where they are the same."""
    kind: str = parameter["type"]
    if kind.endswith("]"):
        inner = _converter(_element(parameter))
        return (lambda values: tuple(inner(v) for v in values)) if inner else None
    if kind == "address":
        return checksum_address
    if kind != "tuple":
        return None
    record = _struct(parameter)
    fields = [_converter(c) for c in parameter["components"]]
    return lambda values: record(*(f(v) if f else v for f, v in zip(fields, values, strict=True)))


def _struct(parameter: Mapping[str, Any]) -> Callable[..., Any]:
    """What makes a named tuple of a struct's fields."""
    struct = parameter.get("internalType", "struct Struct").removeprefix("struct ")
    names = [c["name"] for c in parameter["components"]]
    return _record(struct.rpartition(".")[2].partition("[")[0], names)


def _record(name: str, fields: Sequence[str]) -> Callable[..., Any]:
    return namedtuple(name if name.isidentifier() else "Struct", fields, rename=True)
