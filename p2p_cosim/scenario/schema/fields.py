"""Field types of the schema, each with one message for anything that does not fit."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from p2p_cosim.core.web import link_problem, receiver_problem
from p2p_cosim.scenario.schema.problems import did_you_mean, show

FEEDER_SITES = {
    # Primary nodes (4.16 kV) of the IEEE 13 Node Test Feeder that a service transformer fits on.
    "ieee13": tuple(
        f"{bus}.{phase}"
        for bus, phases in (
            ("650", "ABC"),
            ("RG60", "ABC"),
            ("632", "ABC"),
            ("670", "ABC"),
            ("633", "ABC"),
            ("645", "BC"),
            ("646", "BC"),
            ("671", "ABC"),
            ("680", "ABC"),
            ("684", "AC"),
            ("611", "C"),
            ("652", "A"),
            ("692", "ABC"),
            ("675", "ABC"),
        )
        for phase in phases
    )
}
FEEDER_LINES = {
    # Lines by the buses at their ends, source side first, with their conductors.
    "ieee13": {
        "RG60-632": "ABC",
        "632-670": "ABC",
        "670-671": "ABC",
        "671-680": "ABC",
        "632-633": "ABC",
        "632-645": "BC",
        "645-646": "BC",
        "671-684": "AC",
        "684-611": "C",
        "684-652": "A",
        "692-675": "ABC",
    }
}
FEEDER_SWITCHES = {"ieee13": {"671-692": "ABC"}}
FEEDER_REGULATORS = {"ieee13": 3, "ieee34": 6, "ieee123": 7}
MAX_REGULATORS = 100
BY_LOAD = "by_load"
TAP_LIMIT = 16  # 32 steps of 5/8 %, IEEE C57.15 step-voltage regulator

_SITE = re.compile(r"[^.\s]+\.[^.\s]+")
_SLUG = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")
_PLUGIN = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
_MAX_SLUG = 60
_BASIS_POINTS = 10_000


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
        if len(taps) == len(value) and all(abs(tap) <= TAP_LIMIT for tap in taps):
            return tuple(taps)
    raise _error(
        f"{show(value)} is neither 'settle' nor whole numbers from {-TAP_LIMIT} to {TAP_LIMIT}, "
        "one for each regulator, such as [9, 6, 9] for phases A, B and C of ieee13"
    )


def _sites(value: object) -> object:
    if value == BY_LOAD:
        return value
    if not isinstance(value, (list, tuple)) or not value:
        raise _error(
            f"{show(value)} is neither '{BY_LOAD}' nor a list of sites, such as [652.A, 675.B]"
        )
    wrong = [site for site in value if not (isinstance(site, str) and _SITE.fullmatch(site))]
    if wrong:
        raise _error(f"{show(wrong[0])} is not a site: write bus.phase, such as 675.B")
    if len(set(value)) < len(value):
        raise _error(f"{show(value)} names a site twice: houses fill sites evenly, name it once")
    return tuple(value)


def _basis_points(value: float) -> float:
    if not math.isclose(value * _BASIS_POINTS, round(value * _BASIS_POINTS), abs_tol=1e-9):
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


def named(kind: str, *known: str, optional: bool = False) -> BeforeValidator:
    """A validator of `kind`: one of the known names, or `package.module:Name`.

    With `optional`, null passes too.
    """

    def check(value: object) -> object:
        if optional and value is None:
            return value
        if isinstance(value, str) and (value in known or _PLUGIN.fullmatch(value)):
            return value
        raise _error(
            f"{show(value)} is not a {kind}: use {', '.join(known)}, or your own as "
            f"package.module:Name{did_you_mean(value, known)}"
        )

    return BeforeValidator(check)


def _address(problem_of: Callable[[str], str | None]) -> BeforeValidator:
    def check(value: object) -> object:
        if not isinstance(value, str):
            raise _error(f"{show(value)} is no web address: write https://host/path")
        if problem := problem_of(value):
            raise _error(problem)
        return value

    return BeforeValidator(check)


MAX_HOUSE_KW = 100.0

Slug = Annotated[str, BeforeValidator(_slug)]
LocalTime = Annotated[datetime, BeforeValidator(_local_time)]
Taps = Annotated[Literal["settle"] | tuple[int, ...], BeforeValidator(_taps)]
Sites = Annotated[Literal["by_load"] | tuple[str, ...], BeforeValidator(_sites)]
Weight = Annotated[float, Field(ge=0, le=1), AfterValidator(_basis_points)]
CsvPath = Annotated[str | None, BeforeValidator(_path(".csv", "data/measured_day.csv"))]
DssPath = Annotated[str | None, BeforeValidator(_path(".dss", "my_feeder/master.dss"))]
Link = Annotated[str, _address(link_problem)]
Receiver = Annotated[str, _address(receiver_problem)]
Series = Annotated[float | tuple[float, ...] | None, BeforeValidator(_series(MAX_HOUSE_KW))]
