"""Frozen records of which a run makes a thousand in every tick."""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import wraps
from typing import Any, TypeVar

Record = TypeVar("Record")


def made_often(record: type[Record]) -> type[Record]:
    """A frozen dataclass with slots that is made in half the time.

    Its own `__init__` stores every field by name through `object.__setattr__`, because the class's
    refuses; this one puts each into its slot. Nothing else changes.

    Raises TypeError for a field with a default factory, one that is no parameter, and a class
    that does more when one is made.
    """
    if hasattr(record, "__post_init__"):
        raise TypeError(f"{record.__name__} has a __post_init__")
    space: dict[str, Any] = {}
    for each in fields(record):  # type: ignore[arg-type]  # a dataclass has them
        if each.default_factory is not MISSING or not each.init or each.kw_only:
            raise TypeError(f"{record.__name__}.{each.name} is no plain field of a record")
        space[f"put_{each.name}"] = getattr(record, each.name).__set__
        if each.default is not MISSING:
            space[f"default_{each.name}"] = each.default
    names = [name.removeprefix("put_") for name in space if name.startswith("put_")]
    parameters = [f"{n}=default_{n}" if f"default_{n}" in space else n for n in names]
    lines = [f"def __init__(self, {', '.join(parameters)}):"]
    lines += [f"    put_{name}(self, {name})" for name in names]
    exec("\n".join(lines), space)  # noqa: S102 (the names of fields and nothing else)
    record.__init__ = wraps(record.__init__)(space["__init__"])  # type: ignore[method-assign]
    return record
