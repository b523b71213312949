"""Who returned what, and everything that is wrong with it."""

from __future__ import annotations

import math
import operator
import reprlib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple, TypeVar

import numpy as np

from p2p_cosim.core.errors import PluginError, Problem
from p2p_cosim.core.types import FloatArray

T = TypeVar("T")

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 60


def class_name(plugin: object) -> str:
    """A plug-in's class as a scenario would name it: `my_module:Mine`."""
    cls = plugin if isinstance(plugin, type) else type(plugin)
    return f"{cls.__module__}:{cls.__name__}"


def show(value: object) -> str:
    """A value with its type, on one line."""
    if value is None:
        return "None"
    return f"{_short.repr(value)} ({type(value).__name__})".replace("\n", " ")


class Source(NamedTuple):
    """Who was asked, and when. tick: None outside of a run. house: or trader, or "".

    As a context it is the time in which the plug-in runs: an error of its own gets a note that
    says whose it is.
    """

    role: str
    plugin: object
    tick: int | None = None
    house: str = ""

    def __str__(self) -> str:
        of = f" of {self.house}" if self.house else ""
        at = "" if self.tick is None else f", tick {self.tick}"
        return f"{self.role} {class_name(self.plugin)}{of}{at}"

    def __enter__(self) -> Source:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, Exception):
            error.add_note(f"raised in {self}")


class Report:
    """Collects what is wrong with one answer; `close` raises it all at once.

    Every method that takes a value gives it back as the type it should have. What cannot be
    read gives a stand-in, so that the rest of the answer is looked at too.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def add(self, path: str, value: object, expected: str) -> None:
        """Note that a field has a value that it may not have."""
        self.problems.append(Problem(path, f"{show(value)}: expected {expected}"))

    def close(self) -> None:
        """Raises PluginError if anything was wrong."""
        if self.problems:
            raise PluginError(str(self.source), self.problems)

    def items(
        self, path: str, returned: object, kind: type[T], empty: str
    ) -> Iterator[tuple[str, T]]:
        """Path and value of every item of this kind. empty: what to return for none."""
        name = kind.__name__
        if isinstance(returned, kind):
            self.add(path, returned, f"a list: return [{name.lower()}]")
            return
        if not isinstance(returned, Iterable) or isinstance(returned, (str, bytes, Mapping)):
            self.add(path, returned, f"a list of {name}, {empty}")
            return
        for i, item in enumerate(returned):
            if isinstance(item, kind):
                yield f"{path}[{i}]", item
            else:
                self.add(f"{path}[{i}]", item, f"a p2p_cosim.{name}")

    def whole(self, path: str, value: object, unit: str, least: int, most: int) -> int:
        """A whole number of this unit from `least` to `most`; NumPy's are taken."""
        bounds = f"a whole number of {unit} from {bound(least)} to {bound(most)}"
        try:
            if isinstance(value, (bool, np.bool_)):
                raise TypeError
            number = operator.index(value)  # type: ignore[arg-type]  # raises for what it is not
        except TypeError:
            remedy = ": round it with int(...)" if isinstance(value, (float, np.floating)) else ""
            self.add(path, value, bounds + remedy)
            return least
        if not least <= number <= most:
            self.add(path, value, bounds)
            return least
        return number

    def real(self, path: str, value: object, unit: str, least: float, most: float) -> float:
        """A finite number of this unit from `least` to `most`."""
        number = math.nan
        if isinstance(value, (int, float, np.number)) and not isinstance(value, (bool, complex)):
            number = float(value)
        if not least <= number <= most:
            self.add(path, value, f"a number{unit and ' of '}{unit} from {least:g} to {most:g}")
            return least
        return number

    def text(self, path: str, value: object, what: str) -> str:
        """Text that is not empty."""
        if isinstance(value, str) and value:
            return str(value)
        self.add(path, value, what)
        return ""

    def name(self, path: str, value: object, what: str, known: Iterable[str]) -> str:
        """One of the known names; else the nearest of them is told."""
        names = list(known)
        if isinstance(value, str) and value in names:
            return str(value)
        near = get_close_matches(str(value), names, n=1, cutoff=0.0)
        self.add(path, value, f"{what}, such as {near[0]!r}" if near else f"{what}: there is none")
        return ""

    def array(
        self, path: str, value: object, unit: str, shape: tuple[int, ...], *, gaps: bool
    ) -> FloatArray:
        """Finite floats of this shape. gaps: NaN may stand where nothing is known."""
        numbers = "finite numbers or NaN" if gaps else "finite numbers"
        expected = f"an array of {numbers} in {unit}, shape {shape}"
        try:
            numeric = np.asarray(value)
            if numeric.dtype.kind not in "iuf" and numeric.size:
                raise TypeError
            array = np.asarray(numeric, dtype=np.float64)
        except (TypeError, ValueError):
            self.add(path, value, expected)
            return np.zeros(shape)
        if array.shape != shape:
            self.add(path, value, f"{expected}, not {array.shape}")
            return np.zeros(shape)
        bad = np.isinf(array) if gaps else ~np.isfinite(array)
        if bad.any():
            where = tuple(int(i[0]) for i in np.nonzero(bad))
            index = ", ".join(map(str, where))
            self.add(f"{path}[{index}]" if where else path, float(array[where]), expected)
        return array


def bound(limit: int) -> str:
    """Large bounds as the power of two that they stand below."""
    bits = limit.bit_length()
    return f"2^{bits} - 1" if bits > 16 and limit == 2**bits - 1 else str(limit)
