"""Names that users write: whether they are known, and what they may have meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar

from p2p_cosim.core.errors import GridError


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """`"; did you mean 'x'?"` for the nearest known name, or nothing if none is near."""
    near = get_close_matches(str(name), list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def require(kind: str, name: str, known: Iterable[str]) -> None:
    """Raise GridError, with the nearest known name, unless `name` is known."""
    names = list(known)
    if name in names:
        return
    nearest = get_close_matches(name, names, n=1, cutoff=0.0)
    remedy = f"did you mean {nearest[0]!r}?" if nearest else f"there is no {kind} at all"
    raise GridError(f"{kind} {name!r} is unknown: {remedy}")


class NearNames:
    """Tells the nearest name, or where it is, to whoever asks for an attribute or a key that is
    not there. `_elsewhere`: sentences by name."""

    _elsewhere: ClassVar[Mapping[str, str]] = {}

    if not TYPE_CHECKING:  # a type checker knows the attributes

        def __getattr__(self, name: str) -> Any:
            if hasattr(type(self), name):  # a property that raised an AttributeError of its own
                return object.__getattribute__(self, name)
            raise AttributeError(f"no attribute {name!r} in a {self._where(name)}")

        def __getitem__(self, key: object) -> Any:
            known = isinstance(key, str) and hasattr(type(self), key)
            what = (
                f"write .{key}" if known else f"there is no such key in a {self._where(str(key))}"
            )
            raise TypeError(f"[{key!r}]: {what}")

        __iter__ = None  # not a sequence of what `__getitem__` refuses

    def _where(self, name: str) -> str:
        names = [each for each in dir(type(self)) if not each.startswith("_")]
        there = "" if name.startswith("_") else self._elsewhere.get(name, "")
        near = f"; {there}" if there else did_you_mean(name, names)
        return f"{type(self).__name__}{near}"
