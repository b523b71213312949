"""Measured profiles from a CSV file, with every problem of the file at once.

Columns `timestamp,house,load_kw,pv_kw`, separated by commas, in any row order. A value is
the mean power from its timestamp until the next one of the same house. Timestamps are
local times without a zone, in ISO 8601 (`2024-06-21 00:30`). `load_kw` is consumption and
`pv_kw` production, both positive. Every house of the scenario must cover the whole run. A file
may hold more houses and more time than that: what the run does not need is not judged.
"""

from __future__ import annotations

import csv
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.errors import Problem, ScenarioError
from p2p_cosim.core.limits import MAX_HOUSE_KW
from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.core.types import FloatArray
from p2p_cosim.scenario.profiles.timebase import step_means

COLUMNS = ("timestamp", "house", "load_kw", "pv_kw")
MAX_FILE_BYTES = 200_000_000
_SHOWN = 3  # places named before "and 97 more"

_Row = tuple[float, float, float]  # seconds since the run's start, load_kw, pv_kw
_Bad = tuple[float, str, str]  # seconds since the run's start, what is wrong, where


class _Report:
    """Problems by kind, so that a thousand bad rows are one line."""

    def __init__(self) -> None:
        self._places: dict[str, list[str]] = defaultdict(list)

    def add(self, kind: str, place: str) -> None:
        self._places[kind].append(place)

    def raise_if_any(self, source: str) -> None:
        if self._places:
            raise ScenarioError(
                source, [Problem(_summary(places), kind) for kind, places in self._places.items()]
            )


def read_measured(file: Path, houses: Sequence[str], clock: Clock) -> tuple[FloatArray, FloatArray]:
    """Load and PV in kW, both of shape (ticks, houses), as means over the ticks.

    Raises ScenarioError with every problem found.
    """
    report = _Report()
    rows, bad = _read_rows(file, houses, clock, report)
    step_s = _usual_step_s(rows.values())
    end_s = clock.ticks * clock.interval_s
    for second, kind, place in bad:
        if -step_s < second < end_s:
            report.add(kind, place)
    report.raise_if_any(file.name)
    edges_s = np.arange(clock.ticks + 1.0) * clock.interval_s
    load_kw, pv_kw = np.zeros((2, clock.ticks, len(houses)))
    for i, house in enumerate(houses):
        ordered = np.array(sorted(rows[house]), dtype=float).reshape(-1, 3)
        if _covers_run(house, ordered[:, 0], step_s, clock, report):
            breaks_s = np.append(ordered[:, 0], ordered[-1, 0] + step_s)
            load_kw[:, i] = step_means(breaks_s, ordered[:, 1], edges_s)
            pv_kw[:, i] = step_means(breaks_s, ordered[:, 2], edges_s)
    report.raise_if_any(file.name)
    return load_kw, pv_kw


def _read_rows(
    file: Path, houses: Sequence[str], clock: Clock, report: _Report
) -> tuple[dict[str, list[_Row]], list[_Bad]]:
    """Good rows by house, and bad cells with their time, which may lie outside the run."""
    rows: dict[str, list[_Row]] = {house: [] for house in houses}
    strangers: dict[str, list[str]] = defaultdict(list)
    bad: list[_Bad] = []
    for line, cells in _cells(file):
        place = f"line {line}"
        second = _second(cells["timestamp"], clock, place, report)
        house = cells["house"].strip()
        if house not in rows:
            strangers[house].append(place)
            continue
        problems = [
            (second, *problem)
            for column in ("load_kw", "pv_kw")
            if (problem := _problem(column, cells[column], place))
        ]
        bad += problems
        if not problems and not math.isnan(second):
            rows[house].append((second, float(cells["load_kw"]), float(cells["pv_kw"])))
    if not all(rows.values()):  # else the file just has more houses than the scenario
        for house, places in strangers.items():
            for place in places:
                hint = did_you_mean(house, houses)
                report.add(f"house {house!r} is not in the scenario{hint}", place)
    return rows, bad


def _cells(file: Path) -> Iterable[tuple[int, dict[str, str]]]:
    try:
        size = file.stat().st_size
        text = "" if size > MAX_FILE_BYTES else file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(file, f"is not UTF-8 text (byte {error.start}): save it as UTF-8") from None
    except OSError as error:
        raise _refused(file, f"cannot be read: {error.strerror}") from None
    if size > MAX_FILE_BYTES:
        raise _refused(file, f"has {size} bytes, more than {MAX_FILE_BYTES}: cut it to the run")
    reader = csv.reader(text.splitlines())
    header = [name.strip() for name in next(reader, [])]
    if sorted(header) != sorted(COLUMNS):
        raise _refused(
            file, f"line 1 is {','.join(header)!r}: the columns must be {','.join(COLUMNS)}"
        )
    for cells in reader:
        if cells and len(cells) != len(header):
            raise _refused(
                file, f"line {reader.line_num} has {len(cells)} cells: give {len(header)}"
            )
        if cells:
            yield reader.line_num, dict(zip(header, cells, strict=True))


def _second(text: str, clock: Clock, place: str, report: _Report) -> float:
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        report.add("timestamp is not a time: write it as 2024-06-21 00:30", f"{place} ({text!r})")
        return math.nan
    if time.tzinfo is not None:
        report.add("timestamp has a time zone: give local time without one", f"{place} ({text!r})")
        return math.nan
    return (time - clock.start).total_seconds()


def _problem(column: str, text: str, place: str) -> tuple[str, str] | None:
    """What is wrong with a power in kW, and where; None if nothing is."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        return f"{column} is not a finite number", f"{place} ({text!r})"
    if value < 0:
        return (
            f"{column} is negative: consumption goes to load_kw and production to pv_kw, both "
            "positive",
            f"{place} ({value:g})",
        )
    if value > MAX_HOUSE_KW:
        return (
            f"{column} exceeds {MAX_HOUSE_KW:g} kW: if it is in W, divide by 1000",
            f"{place} ({value:g})",
        )
    return None


def _usual_step_s(rows: Iterable[Sequence[_Row]]) -> float:
    """The commonest distance between rows of a house; 0 if no house has two."""
    distances: Counter[float] = Counter()
    for one in rows:
        distances.update(np.diff(np.unique([row[0] for row in one])).tolist())
    return distances.most_common(1)[0][0] if distances else 0.0


def _covers_run(
    house: str, seconds: FloatArray, step_s: float, clock: Clock, report: _Report
) -> bool:
    """Report duplicates, gaps and missing ends; true if there were none."""
    end_s = clock.ticks * clock.interval_s
    if len(seconds) == 0 or seconds[0] > 0 or seconds[-1] + step_s < end_s:
        report.add(
            f"the run from {clock.start} to {clock.time(clock.ticks)} is not covered: add rows, "
            "or change clock.start and clock.ticks",
            house,
        )
        return False
    distance = np.diff(seconds)
    inside = (seconds[1:] > 0) & (seconds[:-1] + np.minimum(distance, step_s) < end_s)
    needed = (seconds[:-1] > -step_s) & (seconds[:-1] < end_s)
    repeated = seconds[:-1][(distance == 0) & needed]
    uneven = seconds[:-1][(distance > 0) & (distance != step_s) & inside]
    for second in repeated:
        report.add("timestamp stands twice: remove one row", f"{house} at {_time(second, clock)}")
    for second in uneven:
        report.add(
            f"the next row does not come {step_s / 60:g} min later, as elsewhere in the file: "
            "fill the gap",
            f"{house} after {_time(second, clock)}",
        )
    return not (repeated.size or uneven.size)


def _time(second: float, clock: Clock) -> str:
    return str(clock.start + timedelta(seconds=second))


def _summary(places: Sequence[str]) -> str:
    more = len(places) - _SHOWN
    return ", ".join(places[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _refused(file: Path, message: str) -> ScenarioError:
    return ScenarioError(file.name, [Problem("", message)])
