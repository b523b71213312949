"""The series of one house: powers on an even grid of instants."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from p2p_cosim.core.errors import Problem
from p2p_cosim.scenario.series.form import SeriesForm
from p2p_cosim.scenario.series.instants import shown
from p2p_cosim.scenario.series.table import LOAD, LOST, PV

VALUES = [LOAD, PV]


@dataclass(slots=True)
class HouseSeries:
    """Values of one house by the instant where their interval begins.

    frame: columns `load` and `pv` in kW, index in UTC, ascending. step: of the rows. dropped:
    rows that stood twice with equal values; filled: intervals that a straight line fills; gaps:
    first missing instants of what stays open, with their length. problems: what is wrong with it.
    """

    name: str
    frame: pd.DataFrame
    step: pd.Timedelta
    dropped: int = 0
    filled: int = 0
    gaps: list[tuple[pd.Timestamp, pd.Timedelta]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def mean_kwh_per_day(self) -> tuple[float, float]:
        """Of load and PV."""
        load, pv = self.frame[VALUES].mean() * 24
        return float(load), float(pv)


def house_series(name: str, rows: pd.DataFrame, form: SeriesForm) -> HouseSeries:
    """From rows with an index of instants, in any order, values in the file's unit.

    What stands there and is no number counts for the step and not as a value; what is blank does
    neither, because a table may hold coarser series beside finer ones.
    """
    series = HouseSeries(name, rows, pd.Timedelta(0))
    known = rows[VALUES].dropna()
    repeated = known[known.index.duplicated(keep=False)]
    unequal = repeated.groupby(level=0).nunique().max(axis=1)
    if (unequal > 1).any():
        series.problems.append(
            Problem(
                f"{name} at {shown(unequal.index[0], form)}",
                "stands twice with other values: remove one",
            )
        )
    once = known[~known.index.duplicated()].sort_index()
    series.dropped = len(known) - len(once)
    if len(once) < 2:
        series.problems.append(Problem(name, "has fewer than two rows with numbers: leave it out"))
        series.frame = once
        return series
    spoken = once.index.union(rows.index[rows[LOST]]).unique().sort_values()
    series.step = _usual_step(spoken)
    if form.stamps == "ending":
        once.index = pd.DatetimeIndex(once.index) - series.step
    series.frame = _in_kw(once, series.step, form)
    _fill(series, form)
    return series


def at_step(series: HouseSeries, step: pd.Timedelta) -> pd.DataFrame:
    """Its powers at another step that divides its own, or that its own divides; gaps stay gaps."""
    if step == series.step:
        return series.frame
    if step < series.step:  # hold
        parts = int(series.step / step)
        begins = pd.DatetimeIndex(series.frame.index)
        index = begins.append([begins + k * step for k in range(1, parts)])
        held = pd.DataFrame(np.tile(series.frame.to_numpy(), (parts, 1)), index, VALUES)
        return held.sort_index()
    groups = series.frame.resample(step)
    return groups.mean()[groups.size() == int(step / series.step)]


def _usual_step(index: pd.Index[pd.Timestamp]) -> pd.Timedelta:
    distances = pd.Series(index).diff().dropna()
    return pd.Timedelta(distances.mode().iloc[0])


def _in_kw(rows: pd.DataFrame, step: pd.Timedelta, form: SeriesForm) -> pd.DataFrame:
    hours = step / pd.Timedelta(hours=1)
    frame = rows[VALUES] * (form.kilo / hours if form.is_energy else form.kilo)
    if form.is_net:
        net_kw = frame[LOAD] - frame[PV]
        frame = pd.DataFrame({LOAD: net_kw.clip(lower=0), PV: (-net_kw).clip(lower=0)})
    return frame


def _fill(series: HouseSeries, form: SeriesForm) -> None:
    """Fill short gaps, and note the others."""
    frame, step = series.frame, series.step
    distances = pd.Series(frame.index, frame.index).diff().shift(-1)
    beside = distances.dt.total_seconds() % step.total_seconds()
    between = distances[beside > 0]
    if not between.empty:
        told = f"the next row comes {between.iloc[0]} later, no multiple of {step}"
        where = f"{series.name} after {shown(between.index[0], form)}"
        series.problems.append(Problem(where, f"{told}: bring its rows to one step"))
        return
    limit = pd.Timedelta(minutes=form.fill_min)
    filled = []
    for at, distance in zip(frame.index, distances, strict=True):
        lacking = distance - step
        if not lacking > pd.Timedelta(0):
            continue
        if lacking <= limit:
            filled.append(pd.date_range(at + step, periods=int(lacking / step), freq=step))
        else:
            series.gaps.append((at + step, lacking))
    if filled:
        extra = filled[0].append(filled[1:])
        series.filled = len(extra)
        series.frame = frame.reindex(frame.index.append(extra).sort_values()).interpolate("time")
