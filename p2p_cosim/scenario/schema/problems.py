"""Pydantic's errors as problems in the user's words: dotted path, value, limit, remedy."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from p2p_cosim.core.errors import Problem
from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.core.renamed import FIELDS

_LIMITS = {
    "greater_than_equal": ("ge", "is below the least allowed"),
    "greater_than": ("gt", "must be greater than"),
    "less_than_equal": ("le", "exceeds the limit"),
    "less_than": ("lt", "must be less than"),
}
_EXPECTED = {
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping of fields",
    "model_attributes_type": "a mapping of fields",
    "invalid_key": "a field name",
}

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 60


def show(value: object) -> str:
    """A value as the user wrote it, at most a line long."""
    if value is None:
        return "empty (null)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return repr(str(value))
    return _short.repr(value)


def number(value: float) -> str:
    """Whole numbers with all their digits, others as short as they are exact enough."""
    return str(value) if isinstance(value, int) else f"{value:g}"


def dotted(loc: Sequence[int | str]) -> str:
    """A location as the user would write it: `faults.schedule[0].place`."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return path.removeprefix(".")


def inner_model(annotation: Any) -> type[BaseModel] | None:
    """The model inside an annotation such as `tuple[M, ...]` or `Mapping[str, M]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := inner_model(arg))), None)


def leaf_paths(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Dotted path of every field that is not a section itself."""
    for name, field in model.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from leaf_paths(annotation, f"{prefix}{name}.")
        else:
            yield prefix + name


def renamed_field(loc: Sequence[int | str]) -> str | None:
    """Where a field of an earlier version is now, or None for what never was one."""
    new = FIELDS.get(dotted([part for part in loc if isinstance(part, str)]))
    return f"is {new} now: write that" if new else None


def translate(error: ValidationError, root: type[BaseModel]) -> list[Problem]:
    """One problem for each error, in the order of the file's fields."""
    return [Problem(dotted(e["loc"]), _message(e, root)) for e in error.errors(include_url=False)]


def _message(error: ErrorDetails, root: type[BaseModel]) -> str:
    kind, value, limits = error["type"], error["input"], cast(Mapping[str, Any], error.get("ctx"))
    if kind == "missing":
        return "is missing, and has no default: add it"
    if kind == "extra_forbidden":
        return renamed_field(error["loc"]) or f"unknown field{_nearest_field(error['loc'], root)}"
    if kind == "literal_error":
        known = [part.strip(" '") for part in limits["expected"].replace(" or ", ",").split(",")]
        return f"{show(value)} is not one of {limits['expected']}{did_you_mean(value, known)}"
    if kind in _LIMITS:
        key, phrase = _LIMITS[kind]
        return f"{show(value)} {phrase} {number(limits[key])}"
    if kind in _EXPECTED:
        comma = kind == "invalid_key" and isinstance(value, (int, float))
        return (
            f"{show(value)} is {'text, ' * isinstance(value, str)}not {_EXPECTED[kind]}"
            f"{': write decimals with a point, not with a comma' * comma}"
        )
    return error["msg"]


def _nearest_field(loc: Sequence[int | str], root: type[BaseModel]) -> str:
    """The nearest field of the same section, else the same name in another section."""
    model: type[BaseModel] | None = root
    for part in loc[:-1]:
        field = None if model is None else model.model_fields.get(str(part))
        model = model if field is None else inner_model(field.annotation)
    name, fields = str(loc[-1]), list(model.model_fields) if model else []
    elsewhere = [path for path in leaf_paths(root) if path.rpartition(".")[2] == name]
    if near := did_you_mean(name, fields):
        return near
    if elsewhere:
        return f" here; did you mean {elsewhere[0]!r}?"
    return f": the fields are {', '.join(fields)}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem between fields: the first of `fields` is where the user should look."""

    fields: tuple[str, ...]
    message: str

    @property
    def problem(self) -> Problem:
        """The finding as the user sees it."""
        return Problem(self.fields[0], self.message)
