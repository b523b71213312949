"""One line for an object that would otherwise print its address, or all of its arrays."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import fields, is_dataclass
from enum import Enum

LONGEST = 160  # characters of a line


class Brief:
    """Says what it is: its class and its public attributes, long ones by their size alone.

    A dataclass that inherits from it is made with `repr=False`.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        names = [f.name for f in fields(self)] if is_dataclass(self) else list(vars(self))
        given = [(name, getattr(self, name)) for name in names if not name.startswith("_")]
        told = ", ".join(f"{name}={in_short(value)}" for name, value in given)
        told = told if len(told) <= LONGEST else f"{told[:LONGEST]}..."
        return f"{type(self).__name__}({told})"


def in_short(value: object) -> str:
    """A value in a few characters: an array by its shape, a collection by its length, any other
    object by its class."""
    if value is None or isinstance(value, (bool, int, Enum)):
        return repr(value) if not isinstance(value, Enum) else str(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str):
        return repr(value if len(value) <= LONGEST // 4 else f"{value[: LONGEST // 4]}...")
    shape = getattr(value, "shape", None)
    if shape is not None:
        return f"array{shape}"
    if isinstance(value, Sized):
        return f"{len(value)} items"
    return type(value).__name__
