"""What an import did, and what is doubtful about it, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from p2p_cosim.scenario.series.form import SeriesForm
from p2p_cosim.scenario.series.house import HouseSeries
from p2p_cosim.scenario.series.instants import shown

_SHOWN = 5
_LOW_KWH, _HIGH_KWH = 0.5, 150.0  # a day; below or above it, the unit is doubtful
_NIGHT, _NIGHT_SHARE = (23, 0, 1, 2), 0.1


def conversions(series: Sequence[HouseSeries], step: pd.Timedelta, form: SeriesForm) -> list[str]:
    """Each thing that was done to the values and times, in a sentence."""
    said = []
    steps = sorted({minutes(one.step) for one in series})
    if form.is_energy:
        said.append(f"{form.unit} of an interval divided by its hours, into kW")
    elif form.unit == "w":
        said.append("W divided by 1000, into kW")
    if form.is_net:
        said.append("net meters: what is positive is load, what is negative PV")
    if form.stamps == "ending":
        said.append("times are where an interval ends: moved back by one step")
    said.append(f"times in {form.zone} moved to its standard time, which has no summer time")
    for own in steps:
        if own != minutes(step):
            how = "held over" if own > minutes(step) else "averaged over"
            said.append(f"values of {own:g} min {how} {minutes(step):g} min")
    for count, what in (
        (sum(one.dropped for one in series), "rows that stood twice with equal values are dropped"),
        (sum(one.filled for one in series), "missing intervals filled by a straight line"),
    ):
        if count:
            said.append(f"{count} {what}")
    if form.start or form.end:
        said.append(f"cut to {form.start or 'the beginning'} until {form.end or 'the end'}")
    return said


def doubts(series: Sequence[HouseSeries], frame: pd.DataFrame, form: SeriesForm) -> list[str]:
    """What a person should look at: gaps, and magnitudes that tell of a wrong unit or zone."""
    said = []
    for one in series:
        for at, length in one.gaps[:_SHOWN]:
            said.append(f"{one.name} lacks {length} from {shown(at, form)}: no run can go over it")
        if len(one.gaps) > _SHOWN:
            said.append(f"{one.name} has {len(one.gaps) - _SHOWN} more gaps")
        load, _ = one.mean_kwh_per_day
        if not _LOW_KWH < load < _HIGH_KWH:
            said.append(f"{one.name} uses {load:.3g} kWh a day: is the unit right?")
    at_night = frame[frame["timestamp"].dt.hour.isin(_NIGHT)]["pv_kw"].mean()
    if at_night > _NIGHT_SHARE * frame["pv_kw"].mean() > 0:
        said.append("PV produces at night: is the zone right, and which column is PV?")
    return said


def minutes(step: pd.Timedelta) -> float:
    """A step in minutes."""
    return step / pd.Timedelta(minutes=1)
