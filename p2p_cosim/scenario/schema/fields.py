"""Field types of the schema, each with one message for anything that does not fit."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import no_info_before_validator_function

from p2p_cosim.core.limits import BASIS_POINTS, MAX_HOUSE_KW, MAX_TAP
from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.core.web import link_problem, receiver_problem
from p2p_cosim.scenario.schema.problems import show

MAX_REGULATORS = 100
BY_LOAD, AT_LOADS = "by_load", "at_loads"

_SITE = re.compile(r"[^.\s]+\.[^.\s]+")
_SLUG = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")
_PLUGIN = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
_MAX_SLUG = 60


def _error(message: str) -> PydanticCustomError:
    # The message goes in as a value, because pydantic would expand braces in a template.
    return PydanticCustomError("scenario", "{message}", {"message": message})


def _slug(value: object) -> object:
    if isinstance(value, str) and _SLUG.fullmatch(value) and len(value) <= _MAX_SLUG:
        return value
    raise _error(
        f"{show(value)} is not a name: use at most {_MAX_SLUG} lower case letters, digits and "
        "single '_' or '-', such as trading_day"
    )


def _local_time(value: object) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = str(value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        raise _error(f"{show(value)} is not a time: write it as 2024-06-21 00:00")
    if value.tzinfo is not None:
        raise _error(f"{show(value)} has a time zone: give local time without one")
    if value.second or value.microsecond:
        raise _error(f"{show(value)} is not a whole minute: write it as 2024-06-21 00:00")
    if not 2000 <= value.year < 2100:
        raise _error(f"{show(value)} is outside the years 2000 to 2099")
    return value


def _taps(value: object) -> object:
    if value == "settle":
        return value
    if isinstance(value, (list, tuple)) and len(value) <= MAX_REGULATORS:
        taps = [tap for tap in value if isinstance(tap, int) and not isinstance(tap, bool)]
        if len(taps) == len(value) and all(abs(tap) <= MAX_TAP for tap in taps):
            return tuple(taps)
    raise _error(
        f"{show(value)} is neither 'settle' nor whole numbers from {-MAX_TAP} to {MAX_TAP}, "
        "one for each regulator, such as [9, 6, 9] for phases A, B and C of ieee13"
    )


def _sites(value: object) -> object:
    if value in (BY_LOAD, AT_LOADS):
        return value
    if not isinstance(value, (list, tuple)) or not value:
        raise _error(
            f"{show(value)} is neither '{BY_LOAD}' nor '{AT_LOADS}' nor a list of sites, such as "
            "[652.A, 675.B]"
        )
    wrong = [site for site in value if not (isinstance(site, str) and _SITE.fullmatch(site))]
    if wrong:
        raise _error(f"{show(wrong[0])} is not a site: write bus.phase, such as 675.B")
    if len(set(value)) < len(value):
        raise _error(f"{show(value)} names a site twice: houses fill sites evenly, name it once")
    return tuple(value)


def _basis_points(value: float) -> float:
    if not math.isclose(value * BASIS_POINTS, round(value * BASIS_POINTS), abs_tol=1e-9):
        raise _error(f"{value!r} is not a multiple of 0.0001: the contract counts basis points")
    return value


def _path(suffix: str, example: str) -> Callable[[object], object]:
    def check(value: object) -> object:
        if value is None:
            return value
        path = PurePosixPath(value) if isinstance(value, str) else None
        if (
            path is None
            or path.suffix.lower() != suffix
            or path.is_absolute()
            or ".." in path.parts
        ):
            raise _error(
                f"{show(value)} is not a {suffix} file inside the scenario's folder: give a "
                f"relative path without '..', such as {example}"
            )
        if "\\" in str(value) or "\0" in str(value):
            raise _error(f"{show(value)} has a backslash or null byte: separate folders with '/'")
        return value

    return check


def _series(most_kw: float) -> Callable[[object], object]:
    def check(value: object) -> object:
        if value is None:
            return value
        many = isinstance(value, (list, tuple))
        values = list(value) if isinstance(value, (list, tuple)) else [value]
        for i, entry in enumerate(values):
            where = f" (tick {i})" if many else ""
            if isinstance(entry, bool) or not isinstance(entry, (int, float)):
                raise _error(f"{show(entry)}{where} is not a number, nor a list with one per tick")
            if not 0 <= entry <= most_kw:
                raise _error(f"{entry!r}{where} is outside 0 to {most_kw:g} kW")
        return tuple(values) if many else value

    return check


class _Name(ABC):
    """Validates a text by what is known; stands in a field's annotation."""

    __slots__ = ()
    optional: bool

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """The check, before that of the type."""
        return no_info_before_validator_function(self.check, handler(source))

    def check(self, value: object) -> object:
        """The value itself. Raises PydanticCustomError for one that does not fit."""
        if (self.optional and value is None) or (isinstance(value, str) and self.fits(value)):
            return value
        raise _error(self.refusal(value))

    @abstractmethod
    def fits(self, value: str) -> bool:
        """Whether it is a name that this field takes."""

    @abstractmethod
    def refusal(self, value: object) -> str:
        """What is known instead."""


@dataclass(frozen=True, slots=True)
class OneOf(_Name):
    """Validates that a text is one of the known ones; stands in the field's annotation.

    optional: whether null passes too.
    """

    known: tuple[str, ...]
    optional: bool = False

    def fits(self, value: str) -> bool:
        """Whether it is one of them."""
        return value in self.known

    def refusal(self, value: object) -> str:
        """What is known instead."""
        names = ", ".join(map(repr, self.known[:-1]))
        return (
            f"{show(value)} is not one of {names} or {self.known[-1]!r}"
            f"{did_you_mean(value, self.known)}"
        )


@dataclass(frozen=True, slots=True)
class Plugin(_Name):
    """Validates that a text is a known name of a role, or `package.module:Name`.

    optional: whether null passes too.
    """

    role: str
    known: tuple[str, ...]
    optional: bool = False

    def fits(self, value: str) -> bool:
        """Whether it is one of them, or written as a plug-in is."""
        return value in self.known or is_plugin(value)

    def refusal(self, value: object) -> str:
        """What is known instead, and how one's own is written."""
        return (
            f"{show(value)} is not a {self.role}: use {', '.join(self.known)}, or your own as "
            f"package.module:Name{did_you_mean(value, self.known)}"
        )


def is_plugin(name: str) -> bool:
    """Whether a name is `package.module:Name`, a class of the user's own."""
    return _PLUGIN.fullmatch(name) is not None


def _address(problem_of: Callable[[str], str | None]) -> BeforeValidator:
    def check(value: object) -> object:
        if not isinstance(value, str):
            raise _error(f"{show(value)} is no web address: write https://host/path")
        if problem := problem_of(value):
            raise _error(problem)
        return value

    return BeforeValidator(check)


Slug = Annotated[str, BeforeValidator(_slug)]
LocalTime = Annotated[datetime, BeforeValidator(_local_time)]
Taps = Annotated[Literal["settle"] | tuple[int, ...], BeforeValidator(_taps)]
Sites = Annotated[Literal["by_load", "at_loads"] | tuple[str, ...], BeforeValidator(_sites)]
Weight = Annotated[float, Field(ge=0, le=1), AfterValidator(_basis_points)]
CsvPath = Annotated[str | None, BeforeValidator(_path(".csv", "data/measured_day.csv"))]
DssPath = Annotated[str | None, BeforeValidator(_path(".dss", "my_feeder/master.dss"))]
Link = Annotated[str, _address(link_problem)]
Receiver = Annotated[str, _address(receiver_problem)]
Series = Annotated[float | tuple[float, ...] | None, BeforeValidator(_series(MAX_HOUSE_KW))]
