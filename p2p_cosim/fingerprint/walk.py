"""The walk through an object, and the digest of what it meets."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MappingProxyType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy as np

from p2p_cosim.core.errors import InputError
from p2p_cosim.fingerprint.code import (
    closure,
    instructions,
    is_library,
    library_version,
    members,
    used_globals,
)

_PLAIN = (bool, int, float, complex, str, bytes, type(None), type(...), type(NotImplemented))


class NoContentError(InputError):
    """Something that an object depends on has no content that could be told apart."""


def fingerprint(thing: object, name: str) -> str:
    """SHA-256 in hex of what an object, class or function is.

    name: how errors call it. An object with a method `fingerprint()` is its class and the text
    that this returns; `__getstate__` is honoured as in copying.

    Raises NoContentError, with the way to it and what to do, for a lock, a file, a connection and
    whatever else cannot be copied.
    """
    return _Walk().digest(thing, name).hex()


class _Walk:
    """One walk. Objects met again are not walked again, and those that contain themselves are
    told by how far up they stand."""

    def __init__(self) -> None:
        self._done: dict[int, bytes] = {}
        self._open: dict[int, int] = {}
        self._alive: list[object] = []  # so that no id is given to another object meanwhile

    def digest(self, thing: Any, way: str) -> bytes:
        if type(thing) in _PLAIN:
            return _hashed(type(thing).__name__, repr(thing))
        key = id(thing)
        if key in self._done:
            return self._done[key]
        if key in self._open:
            return _hashed("above", len(self._open) - self._open[key])
        self._alive.append(thing)
        self._open[key] = len(self._open)
        found = self._walked(thing, way)
        del self._open[key]
        self._done[key] = found
        return found

    def _walked(self, thing: Any, way: str) -> bytes:  # noqa: PLR0911 (one line a kind)
        if isinstance(thing, type):
            return self._class(thing, way)
        if isinstance(thing, FunctionType):
            return self._function(thing, way)
        if isinstance(thing, CodeType):
            return _hashed("code", *self._all(instructions(thing), way))
        if isinstance(thing, ModuleType):
            return self._module(thing, way)
        if isinstance(thing, BuiltinFunctionType):
            return _hashed("builtin", thing.__module__, thing.__qualname__)
        if isinstance(thing, MethodType):
            return _hashed("method", *self._all((thing.__self__, thing.__func__), way))
        if callable(getattr(type(thing), "fingerprint", None)):
            return self._told(thing, way)
        return self._contained(thing, way) or self._copied(thing, way)

    def _contained(self, thing: Any, way: str) -> bytes | None:
        """Containers and arrays, by what is in them; None for anything else."""
        kind, found = type(thing), None
        if kind in (list, tuple):
            found = self._all(thing, f"{way}[...]")
        elif kind in (set, frozenset):
            found = sorted(self._all(thing, f"{way}{{...}}"))
        elif kind in (dict, MappingProxyType):
            found = sorted(self._items(thing, way))
        elif kind in (staticmethod, classmethod):
            found = [self.digest(thing.__func__, way)]
        elif kind is property:
            found = self._all((thing.fget, thing.fset, thing.fdel), way)
        elif kind is functools.cached_property:
            found = [self.digest(thing.func, way)]
        elif kind is np.ndarray and thing.dtype.hasobject:
            found = [self.digest(thing.shape, way), *self._all(thing.ravel().tolist(), way)]
        elif kind is np.ndarray:
            head = repr((thing.dtype.descr, thing.shape)).encode()
            found = [head, np.ascontiguousarray(thing).tobytes()]
        return None if found is None else _hashed(kind.__name__, *found)

    def _copied(self, thing: Any, way: str) -> bytes:
        """Whatever Python can copy, by what a copy is made from."""
        try:
            parts = thing.__reduce_ex__(4)
        except Exception as error:
            raise _refusal(thing, way, error) from error
        kind = self.digest(type(thing), f"the class of {way}")
        if isinstance(parts, str):
            return _hashed("named", kind, parts)
        maker, arguments, state, items, pairs = (*parts, None, None, None)[:5]
        slots = isinstance(state, tuple) and len(state) == 2 and isinstance(state[1], dict)
        attributes = {**(state[0] or {}), **state[1]} if slots else state
        return _hashed(
            "object",
            kind,
            *self._all((maker, *arguments), way),
            self.digest(attributes, way),
            *self._all(items or (), f"{way}[...]"),
            *sorted(self.digest(pair, f"{way}[...]") for pair in pairs or ()),
        )

    def _told(self, thing: Any, way: str) -> bytes:
        text = thing.fingerprint()
        if not isinstance(text, str):
            raise NoContentError(
                f"{way}.fingerprint() returned {type(text).__name__}, expected a text of all that "
                "its behaviour depends on"
            )
        return _hashed("told", *self._methods(type(thing), way), text)

    def _methods(self, cls: type, way: str) -> list[bytes]:
        """The class as it is written, without what its methods capture: the text tells that."""
        written = [
            self.digest(member.__code__, way)
            for base in cls.__mro__
            if not is_library(base.__module__)
            for member in members(base).values()
            if isinstance(member, FunctionType)
        ]
        return [f"{cls.__module__}.{cls.__qualname__}".encode(), *written]

    def _class(self, cls: type, way: str) -> bytes:
        name = f"{cls.__module__}.{cls.__qualname__}"
        if is_library(cls.__module__):
            return _hashed("library", name, library_version(cls.__module__))
        inherited = self._all(cls.__bases__, f"a base of {way}")
        return _hashed("class", name, *inherited, *self._items(members(cls), cls.__qualname__))

    def _function(self, function: FunctionType, way: str) -> bytes:
        if is_library(function.__module__ or ""):
            name = f"{function.__module__}.{function.__qualname__}"
            version = library_version(function.__module__)
            if not function.__closure__:
                return _hashed("library", name, version)
        parts = (function.__code__, function.__defaults__, function.__kwdefaults__)
        return _hashed(
            "function",
            *self._all(parts, way),
            *self._items(closure(function), f"{way}, captured"),
            *self._items(used_globals(function), f"{way}, global"),
        )

    def _module(self, module: ModuleType, way: str) -> bytes:
        name = module.__name__
        if is_library(name):
            return _hashed("library", name, library_version(name))
        own = {
            key: value
            for key, value in vars(module).items()
            if getattr(value, "__module__", None) == name or type(value) in _PLAIN
        }
        named = {key: value for key, value in own.items() if not key.startswith("__")}
        return _hashed("module", name, *self._items(named, f"{way} {name}"))

    def _all(self, things: Iterable[object], way: str) -> list[bytes]:
        return [self.digest(thing, way) for thing in things]

    def _items(self, things: Mapping[Any, object], way: str) -> list[bytes]:
        return [
            _hashed("item", self.digest(key, way), self.digest(value, f"{way}.{key}"))
            for key, value in things.items()
        ]


def _hashed(kind: str, *parts: bytes | str | int) -> bytes:
    """One digest of several parts, each with its length, so that none runs into the next."""
    total = hashlib.sha256(kind.encode())
    for part in parts:
        content = part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
        total.update(b"%d:" % len(content))
        total.update(content)
    return total.digest()


def _refusal(thing: object, way: str, error: Exception) -> NoContentError:
    kind = f"{type(thing).__module__}.{type(thing).__qualname__}"
    return NoContentError(
        f"{way} is a {kind}, which has no content to tell two of them apart ({error}): leave it "
        "out in the __getstate__ of what holds it, or give that a method fingerprint() that "
        "returns a text of all that its behaviour depends on"
    )
