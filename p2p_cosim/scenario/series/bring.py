"""From files of series to powers of houses, with every conversion said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from p2p_cosim.core.errors import Problem, ScenarioError
from p2p_cosim.core.limits import MAX_HOUSE_KW
from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.scenario.series.form import SeriesForm
from p2p_cosim.scenario.series.house import HouseSeries, at_step, house_series
from p2p_cosim.scenario.series.instants import instants, shown, standard_time
from p2p_cosim.scenario.series.said import conversions, doubts, minutes
from p2p_cosim.scenario.series.table import HOUSE, LOAD, LOST, PV, TIME, read_table

_SHOWN = 5


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """What became of the files.

    frame: columns `timestamp` (naive, standard time of the zone, interval-beginning), `house`,
    `load_kw` and `pv_kw`, by house and time. conversions: each thing that was done, in a sentence.
    doubts: what a person should look at before the result is believed.
    """

    frame: pd.DataFrame
    conversions: tuple[str, ...]
    doubts: tuple[str, ...]


def bring(files: Sequence[Path], form: SeriesForm, pv_file: Path | None = None) -> Brought:
    """Read files that hold load, and one of the same shape that holds PV if it is apart.

    Raises ScenarioError, with every problem found, for what cannot be understood.
    """
    notes: list[str] = []
    tables = _read([*files, *([pv_file] if pv_file else [])], form, notes)
    pv = tables.pop() if pv_file else None
    load = pd.concat(tables, ignore_index=True)
    source = files[0].name
    series = []
    names = _names(load, source, form, notes)
    for old, new in names.items():
        one = house_series(new, _by_instant(load, old, form, source), form)
        if pv is not None and pv_file is not None and (pv[HOUSE] == old).any():
            _join(one, house_series(new, _by_instant(pv, old, form, pv_file.name), form), form)
        series.append(one)
    if pv is not None:
        notes += _apart(list(load[HOUSE]), list(pv[HOUSE]), names)
    problems = [problem for one in series for problem in one.problems]
    problems = problems or _beyond_limits(series)
    if problems:
        raise ScenarioError(source, problems)
    step = _common_step(series, form, source)
    frame = _cut(_written(series, step, form), form)
    return Brought(
        frame, (*notes, *conversions(series, step, form)), tuple(doubts(series, frame, form))
    )


def _read(files: Sequence[Path], form: SeriesForm, notes: list[str]) -> list[pd.DataFrame]:
    """The tables of all files. ScenarioError that names every file that cannot be understood."""
    tables, refused = [], list[ScenarioError]()
    for file in files:
        try:
            tables.append(read_table(file, form, notes))
        except ScenarioError as error:
            refused.append(error)
    if len(refused) == 1:
        raise refused[0]
    if refused:
        problems = [Problem(error.source, p.message) for error in refused for p in error.problems]
        raise ScenarioError("files", problems)
    return tables


def _apart(load: Sequence[str], pv: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """What to say of houses that one of the two files has and the other has not."""
    without = [old for old in names if old not in set(pv)]
    only = [house for house in dict.fromkeys(pv) if house not in set(load)]
    said = []
    if without:
        said.append(f"the PV file has no {', '.join(without)}: 0 kW are taken")
    if only:
        said.append(f"the PV file alone has {', '.join(map(str, only))}: left out")
    return said


def _by_instant(rows: pd.DataFrame, house: str, form: SeriesForm, source: str) -> pd.DataFrame:
    own = rows[rows[HOUSE] == house]
    at = pd.DatetimeIndex(instants(own[TIME], form, source))
    return own[[LOAD, PV, LOST]].set_axis(at, axis=0)


def _join(load: HouseSeries, pv: HouseSeries, form: SeriesForm) -> None:
    """Put the PV of a house beside its load."""
    load.problems += pv.problems
    if pv.problems or load.problems:
        return
    if pv.step != load.step:
        steps = f"load has a step of {load.step} and PV of {pv.step}"
        load.problems.append(Problem(load.name, f"{steps}: bring both to one"))
    load.dropped += pv.dropped
    load.filled += pv.filled
    load.gaps += pv.gaps
    production_kw = pv.frame[LOAD].reindex(load.frame.index)
    lacking = int(production_kw.isna().sum())
    if lacking:
        at = production_kw.index[production_kw.isna()][0]
        load.problems.append(
            Problem(
                f"{load.name} at {shown(at, form)}",
                f"has load and no PV ({lacking} times): fill the PV file",
            )
        )
    load.frame = load.frame.assign(**{PV: production_kw})


def _names(rows: pd.DataFrame, source: str, form: SeriesForm, notes: list[str]) -> dict[str, str]:
    """By the file's name, the scenario's: as given, or house_1 and so on in the file's order."""
    found = list(dict.fromkeys(rows[HOUSE].dropna()))
    if not found:
        raise ScenarioError(source, [Problem("", "names no house in any row: fill that column")])
    has = ", ".join(found[:_SHOWN])
    problems = [
        Problem(repr(name), f"is no house of the file{did_you_mean(name, found)}: it has {has}")
        for name in form.names
        if name not in found
    ]
    given = Counter(form.names.values())
    problems += [
        Problem(new, f"is given to {count} houses of the file: give each a name of its own")
        for new, count in given.items()
        if count > 1
    ]
    if problems:
        raise ScenarioError("names", problems)
    if form.names:
        named = dict(form.names)
    else:
        named = {name: f"house_{i}" for i, name in enumerate(found[: form.count or None], start=1)}
    left = len(found) - len(named)
    pairs = [f"{old} is {new}" for old, new in named.items() if old != new]
    if pairs:
        notes.append("houses: " + ", ".join(pairs))
    if left:
        notes.append(f"{left} of {len(found)} houses of the file are left out")
    return named


def _beyond_limits(series: Sequence[HouseSeries]) -> list[Problem]:
    found = []
    for one in series:
        least, most = float(one.frame.min().min()), float(one.frame.max().max())
        if least < 0:
            found.append(
                Problem(one.name, f"has {least:g} kW: for net meters say net, else mend the sign")
            )
        if most > MAX_HOUSE_KW:
            found.append(
                Problem(
                    one.name, f"reaches {most:g} kW, above {MAX_HOUSE_KW:g}: give the right unit"
                )
            )
    return found


def _common_step(series: Sequence[HouseSeries], form: SeriesForm, source: str) -> pd.Timedelta:
    """The finest step, or the one that is asked for. ScenarioError if one does not fit."""
    finest = min(one.step for one in series)
    step = pd.Timedelta(minutes=form.step_min) if form.step_min else finest
    problems = [
        Problem(
            one.name,
            f"has a step of {minutes(one.step):g} min, which does not fit {minutes(step):g}: give "
            "a step_min that divides it or that it divides",
        )
        for one in series
        if one.step % step != pd.Timedelta(0) and step % one.step != pd.Timedelta(0)
    ]
    if problems:
        raise ScenarioError(source, problems)
    return step


def _written(series: Sequence[HouseSeries], step: pd.Timedelta, form: SeriesForm) -> pd.DataFrame:
    parts = []
    for one in series:
        frame = at_step(one, step)
        offset = standard_time(form, frame.index[0])
        stamps = pd.DatetimeIndex(frame.index).tz_localize(None) + offset
        parts.append(
            pd.DataFrame(
                {
                    "timestamp": stamps,
                    "house": one.name,
                    "load_kw": frame[LOAD].to_numpy(),
                    "pv_kw": frame[PV].to_numpy(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _cut(frame: pd.DataFrame, form: SeriesForm) -> pd.DataFrame:
    keep = pd.Series(True, index=frame.index)
    if form.start is not None:
        keep &= frame["timestamp"] >= form.start
    if form.end is not None:
        keep &= frame["timestamp"] < form.end
    if not keep.any():
        had = f"{frame['timestamp'].min()} to {frame['timestamp'].max()}"
        raise ScenarioError("start", [Problem("", f"leaves nothing: the file has {had}")])
    return frame[keep].reset_index(drop=True)
