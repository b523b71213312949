"""XYCurves in a form that the engine survives: it ends the process where pairs are given, or arrays
before their number of points."""

from __future__ import annotations

import re
from collections.abc import Sequence

from p2p_cosim.core.errors import GridError
from p2p_cosim.grid.dss.words import Word

_BY_POSITION = ("npts", "points", "yarray", "xarray")
_LEAST_ABBREVIATION = 2


def plain_curve(found: Sequence[Word], *, sized: bool) -> list[Word]:
    """The properties of a curve in an order that the engine takes.

    sized: whether an earlier statement has given its number of points.
    Raises GridError for points that are not plain numbers.
    """
    given = [(_name_of(word, position), word) for position, word in enumerate(found)]
    sizes = [word for name, word in given if name == "npts"]
    arrays: list[Word] = []
    others = [word for name, word in given if name not in _BY_POSITION]
    count = 0
    for name, word in given:
        if name == "points":
            x, y = (_numbers(word)[start::2] for start in (0, 1))
            arrays += [_array("xarray", x), _array("yarray", y)]
            count = len(x)
        elif name in ("xarray", "yarray"):
            arrays.append(_array(name, values := _numbers(word)))
            count = max(count, len(values))
    if sizes:
        first = [Word("npts", sizes[-1].value, f"npts={sizes[-1].value}")]
    else:
        first = [] if sized or not count else [Word("npts", str(count), f"npts={count}")]
    return [*first, *arrays, *others]


def _name_of(word: Word, position: int) -> str:
    if not word.name:
        return _BY_POSITION[position] if position < len(_BY_POSITION) else ""
    if len(word.name) < _LEAST_ABBREVIATION:
        return word.name
    return next((name for name in _BY_POSITION if name.startswith(word.name)), word.name)


def _numbers(word: Word) -> list[str]:
    numbers = re.split(r"[\s,|]+", word.value.strip(" ,|"))
    try:
        return [repr(float(number)) for number in numbers]
    except ValueError as error:
        raise GridError(f"curve with {word.value!r}: write plain numbers") from error


def _array(name: str, numbers: Sequence[str]) -> Word:
    value = " ".join(numbers)
    return Word(name, value, f"{name}=[{value}]")
