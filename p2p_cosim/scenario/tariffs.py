"""The tariff of every interval: one for all, by hours of the day, or from a CSV file.

The file has the columns `timestamp,retail_eur_per_kwh` and may have `feed_in_eur_per_kwh`; without
it the scenario's holds. A price holds from its timestamp until the next, which comes after the same
time throughout the file. Timestamps are on the scenario's clock, without a zone, in ISO 8601.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.errors import Problem, ScenarioError
from p2p_cosim.core.types import Tariff
from p2p_cosim.scenario.schema import Scenario, TariffSection

_TIME, _RETAIL, _FEED_IN = "timestamp", "retail_eur_per_kwh", "feed_in_eur_per_kwh"
_COLUMNS = ([_TIME, _RETAIL], [_TIME, _RETAIL, _FEED_IN])
_SHOWN = 5
_MAX_FILE_BYTES = 20_000_000

_Prices = tuple[float, float]  # retail and feed-in in EUR/kWh


def tariffs_of(scenario: Scenario) -> tuple[Tariff, ...]:
    """As many as the run has intervals, in wei per Wh, rounded down.

    Raises ScenarioError, with every problem found, for a file that cannot be read, does not cover
    the run, or has prices that the market does not take.
    """
    clock, section = scenario.clock.clock(), scenario.tariff
    if file := scenario.tariff_file():
        prices = _from_file(file, scenario, clock)
    else:
        prices = [section.prices_at(clock.time(tick)) for tick in range(clock.ticks)]
    made = {each: _tariff(section, each) for each in set(prices)}
    return tuple(made[each] for each in prices)


def _tariff(section: TariffSection, prices: _Prices) -> Tariff:
    return Tariff(*map(section.price_wei_per_wh, prices))


def _from_file(file: Path, scenario: Scenario, clock: Clock) -> list[_Prices]:
    problems: list[Problem] = []
    rows = _rows(file, scenario, problems)
    if problems:
        raise _refused(file, problems)
    times = sorted(rows)
    step = min((b - a for a, b in pairwise(times)), default=timedelta(hours=1))
    problems += _uneven(times, step, clock)
    prices = []
    for tick in range(clock.ticks):
        since = clock.time(tick) - times[0] if times else timedelta(-1)
        held = times[0] + since // step * step if times else clock.start
        prices.append(rows.get(held, (math.nan, math.nan)))
    lacking = [tick for tick, each in enumerate(prices) if math.isnan(each[0])]
    if lacking:
        has = f"{times[0]} to {times[-1] + step}" if times else "no row"
        problems.append(
            Problem(
                f"{clock.time(lacking[0])}",
                f"has no price, nor have {len(lacking) - 1} intervals after it: the file has {has} "
                f"and the run is from {clock.start} to {clock.time(clock.ticks)}; add rows, or "
                "change clock.start and clock.ticks",
            )
        )
    if problems:
        raise _refused(file, problems)
    return prices


def _uneven(times: list[datetime], step: timedelta, clock: Clock) -> Iterator[Problem]:
    """Prices that do not stand in one step, or change within an interval."""
    for before, after in pairwise(times):
        if after - before != step and clock.start < after and before < clock.time(clock.ticks):
            yield Problem(
                f"after {before}",
                f"the next price comes {(after - before) / timedelta(minutes=1):g} min later, and "
                f"elsewhere {step / timedelta(minutes=1):g}: fill the gap",
            )
    within = timedelta(seconds=clock.interval_s)
    if times and ((times[0] - clock.start) % within or step % within):
        yield Problem(
            f"{times[0]}",
            f"prices change within an interval of {clock.interval_s // 60} min: take "
            "clock.interval_min and clock.start so that none does",
        )


def _rows(file: Path, scenario: Scenario, problems: list[Problem]) -> dict[datetime, _Prices]:
    rows: dict[datetime, _Prices] = {}
    wrong: dict[str, list[str]] = {}
    for line, cells in _cells(file):
        at = f"line {line}"
        try:
            time = datetime.fromisoformat(cells[_TIME].strip())
        except ValueError:
            kind = "timestamp is not a time: write it as 2024-06-21 00:00"
            wrong.setdefault(kind, []).append(at)
            continue
        if time.tzinfo is not None:
            kind = "timestamp has a time zone: give the time of the scenario's clock, without one"
            wrong.setdefault(kind, []).append(at)
        elif time in rows:
            wrong.setdefault("timestamp stands twice: remove one row", []).append(at)
        else:
            default = str(scenario.tariff.feed_in_eur_per_kwh)
            prices = _number(cells[_RETAIL]), _number(cells.get(_FEED_IN, default))
            if kind := scenario.tariff.refusal(*prices, scenario.market.max_price_eur_per_kwh):
                wrong.setdefault(kind, []).append(at)
            rows[time] = prices
    for kind, places in wrong.items():
        more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
        problems.append(Problem(", ".join(places[:_SHOWN]) + more, kind))
    return rows


def _cells(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        size = file.stat().st_size
        text = "" if size > _MAX_FILE_BYTES else file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        kind = f"is not UTF-8 text (byte {error.start}): save it as UTF-8"
        raise _refused(file, [Problem("", kind)]) from None
    except OSError as error:
        raise _refused(file, [Problem("", f"cannot be read: {error.strerror}")]) from None
    if size > _MAX_FILE_BYTES:
        kind = f"has {size} bytes, more than {_MAX_FILE_BYTES}: cut it to the run"
        raise _refused(file, [Problem("", kind)])
    reader = csv.reader(text.splitlines())
    header = [name.strip() for name in next(reader, [])]
    if sorted(header) not in [sorted(columns) for columns in _COLUMNS]:
        kind = f"is {','.join(header)!r}: the columns must be {','.join(_COLUMNS[1])}"
        raise _refused(file, [Problem("line 1", kind)])
    for cells in reader:
        if cells and len(cells) != len(header):
            kind = f"has {len(cells)} cells: give {len(header)}"
            raise _refused(file, [Problem(f"line {reader.line_num}", kind)])
        if cells:
            yield reader.line_num, dict(zip(header, cells, strict=True))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _refused(file: Path, problems: list[Problem]) -> ScenarioError:
    return ScenarioError(file.name, problems)
