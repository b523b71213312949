"""What a sweep varies: lists and ranges are axes, anything else is a constant."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.errors import Problem
from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.scenario import Scenario
from p2p_cosim.scenario.schema.changes import find_path
from p2p_cosim.scenario.schema.problems import leaf_paths, show

_RANGE_FIELDS = ("from", "to", "steps")
_DIGITS = 12  # 0.1 + 0.2 is 0.3 in a list of values


@dataclass(frozen=True, slots=True)
class Axis:
    """One varied field.

    name: as the user wrote it, which becomes the table's column. path: the dotted path it means.
    values: that it takes; empty for a range without steps, of which a design draws.
    low, high: ends of a range. whole: whether it holds whole numbers only, both ends included.
    """

    name: str
    path: str
    values: tuple[object, ...] = ()
    low: float = math.nan
    high: float = math.nan
    whole: bool = False

    def at(self, share: float) -> object:
        """The value at a share in [0, 1) of the axis: by position in a list, by size in a range."""
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        if self.whole:
            count = int(self.high) - int(self.low) + 1
            return int(self.low) + min(int(share * count), count - 1)
        return round(self.low + share * (self.high - self.low), _DIGITS)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a sweep, sorted: axes, and constants by name."""

    axes: tuple[Axis, ...]
    constants: Mapping[str, object]


def read_fields(fields: Mapping[str, object], problems: list[Problem]) -> Fields:
    """Axes and constants of `{field: list, range or value}`; what is wrong goes to `problems`.

    A range is `{from, to}` or `{from, to, steps}`, or a Python `range`; arrays count as lists,
    tuples as one value.
    """
    axes: list[Axis] = []
    constants: dict[str, object] = {}
    for name, path in _named(fields, problems):
        value = fields[name]
        values = _listed(value)
        if values is not None:
            if checked := _checked(name, values, problems):
                axes.append(Axis(name, path, checked))
        elif isinstance(value, Mapping) and "from" in value:
            if axis := _range(name, path, value, problems):
                axes.append(axis)
        else:
            constants[name] = value
    return Fields(tuple(axes), constants)


def read_points(
    points: Sequence[Mapping[str, object]], fields: Fields, problems: list[Problem]
) -> tuple[str, ...]:
    """Names that every point gives; what is wrong goes to `problems`."""
    if not points:
        return ()
    names = tuple(points[0])
    for number, point in enumerate(points):
        if set(point) != set(names):
            problems.append(
                Problem(
                    f"points[{number}]",
                    f"gives {', '.join(map(repr, point)) or 'nothing'}, the first point "
                    f"{', '.join(map(repr, names))}: give the same fields in each",
                )
            )
    taken = {path for _, path in _named({a.name: 0 for a in fields.axes} | dict(fields.constants))}
    for name, path in _named(dict.fromkeys(names), problems):
        if path in taken:
            problems.append(Problem(f"points: {name}", "stands in fields too: remove one of them"))
    return names


def _named(
    fields: Mapping[str, object], problems: list[Problem] | None = None
) -> Iterator[tuple[str, str]]:
    """Names with the paths they mean, without those that mean none or one that stood before."""
    paths = list(leaf_paths(Scenario))
    problems = [] if problems is None else problems
    first: dict[str, str] = {}
    for name in fields:
        if name in ("seed", "name"):
            remedy = "give seeds: 5, or a list of them" if name == "seed" else "runs share one"
            problems.append(Problem(name, f"is no field to vary: {remedy}"))
            continue
        found = find_path(name, paths)
        if isinstance(found, Problem):
            problems.append(found)
        elif found in first:
            problems.append(Problem(name, f"is {first[found]!r} once more: remove one of them"))
        else:
            first[found] = name
            yield name, found


def _listed(value: object) -> list[object] | None:
    if isinstance(value, (np.ndarray, range)):
        return list(value.tolist() if isinstance(value, np.ndarray) else value)
    return list(value) if isinstance(value, list) else None


def _checked(name: str, values: list[object], problems: list[Problem]) -> tuple[object, ...]:
    if not values:
        problems.append(Problem(name, "is an empty list: give at least one value"))
    for number, value in enumerate(values):
        if value in values[:number]:
            problems.append(Problem(f"{name}[{number}]", f"{show(value)} stands there already"))
    return tuple(values)


def _range(
    name: str, path: str, given: Mapping[str, object], problems: list[Problem]
) -> Axis | None:
    before = len(problems)
    for field in given:
        if field not in _RANGE_FIELDS:
            near = did_you_mean(field, _RANGE_FIELDS)
            problems.append(Problem(f"{name}.{field}", f"a range has from, to and steps{near}"))
    low, high, steps = given["from"], given.get("to"), given.get("steps")
    for field, value in (("from", low), ("to", high)):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            problems.append(Problem(f"{name}.{field}", f"{show(value)} is not a number"))
    if steps is not None and (isinstance(steps, bool) or not isinstance(steps, int) or steps < 2):
        problems.append(Problem(f"{name}.steps", f"{show(steps)} is not a whole number from 2"))
    if len(problems) > before:
        return None
    assert isinstance(low, (int, float))  # noqa: S101 (looked at above)
    assert isinstance(high, (int, float))  # noqa: S101
    if low >= high:
        problems.append(Problem(name, f"goes from {low:g} to {high:g}: give the lower end first"))
        return None
    whole = isinstance(low, int) and isinstance(high, int)
    values: tuple[object, ...] = ()
    if isinstance(steps, int):
        spaced = np.linspace(low, high, steps)
        exact = whole and bool(np.all(spaced == np.round(spaced)))
        values = tuple(int(v) if exact else round(float(v), _DIGITS) for v in spaced)
    return Axis(name, path, values, low, high, whole)
