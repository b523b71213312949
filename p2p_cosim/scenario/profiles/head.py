"""Voltage at the feeder's head over a run, from a CSV file.

Columns `timestamp,v_pu`. A value holds from its timestamp until the next one; timestamps are local
times without a zone, in ISO 8601, in ascending order. The file must cover the whole run.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.errors import Problem, ScenarioError
from p2p_cosim.core.types import FloatArray
from p2p_cosim.scenario.profiles.timebase import step_means

COLUMNS = ["timestamp", "v_pu"]
LEAST_PU, MOST_PU = 0.8, 1.2
_SHOWN = 3  # lines named before "and 97 more"
_UNREADABLE = "write a local time and pu, such as 2024-06-21 00:30,1.01"
_OUTSIDE = f"outside {LEAST_PU} to {MOST_PU} pu: give pu of the source's nominal voltage"
_UNSORTED = "not later than the one before: sort the rows by time"


def read_source_v_pu(file: Path, clock: Clock) -> FloatArray:
    """Shape (ticks,): means over the ticks of a clock, in pu.

    Raises ScenarioError with every problem found.
    """
    rows, wrong = list[tuple[float, float]](), defaultdict[str, list[str]](list)
    for line, cells in _cells(file):
        try:
            second = (datetime.fromisoformat(cells[0]) - clock.start).total_seconds()
            v_pu = float(cells[1])
        except (ValueError, TypeError, IndexError):
            wrong[_UNREADABLE].append(f"line {line} ({','.join(cells)!r})")
            continue
        if not LEAST_PU <= v_pu <= MOST_PU:
            wrong[_OUTSIDE].append(f"line {line} ({v_pu:g})")
        if rows and not second > rows[-1][0]:
            wrong[_UNSORTED].append(f"line {line}")
        rows.append((second, v_pu))
    problems = [Problem(_places(lines), what) for what, lines in wrong.items()]
    problems = problems or [Problem("", what) for what in _not_covered(rows, clock)]
    if problems:
        raise ScenarioError(file.name, problems)
    seconds, values = np.array(rows, dtype=float).T
    edges_s = np.arange(clock.ticks + 1.0) * clock.interval_s
    breaks_s = np.append(seconds, max(edges_s[-1], seconds[-1] + 1.0))
    return step_means(breaks_s, values, edges_s)


def _places(lines: list[str]) -> str:
    more = len(lines) - _SHOWN
    return ", ".join(lines[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _not_covered(rows: list[tuple[float, float]], clock: Clock) -> Iterator[str]:
    first = rows[0][0] if rows else math.inf
    last_step_s = rows[-1][0] - rows[-2][0] if len(rows) > 1 else math.inf
    end_s = clock.ticks * clock.interval_s
    if first > 0 or rows[-1][0] + last_step_s < end_s:
        yield (
            f"the run from {clock.start} to {clock.time(clock.ticks)} is not covered: add rows, or "
            "change clock.start and clock.ticks"
        )


def _cells(file: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(file.name, [Problem("", f"cannot be read: {error}")]) from None
    reader = csv.reader(text.splitlines())
    header = [name.strip() for name in next(reader, [])]
    if header != COLUMNS:
        problem = f"line 1 is {','.join(header)!r}: the columns must be {','.join(COLUMNS)}"
        raise ScenarioError(file.name, [Problem("", problem)])
    for cells in reader:
        if cells:
            yield reader.line_num, [cell.strip() for cell in cells]
