"""Times as text into instants, with zone and daylight saving."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from importlib import import_module

import pandas as pd

from p2p_cosim.core.errors import Problem, ScenarioError
from p2p_cosim.scenario.series.form import SeriesForm

_HAS_ZONE = r"(?:Z|[T ]\d\d:?\d\d.*[+-]\d\d(?::?\d\d)?)\s*$"


def instants(text: pd.Series[str], form: SeriesForm, source: str) -> pd.Series[pd.Timestamp]:
    """Instants in UTC, in the order given: the times of one house as they stand in the file.

    Of the hour that a clock shows twice in autumn, the first rows are the earlier ones. Raises
    ScenarioError for what is no time, and for one that the zone's clock skips or cannot place.
    """
    text = text.str.strip()
    zoned = text.str.contains(_HAS_ZONE, regex=True, na=False)
    if zoned.any() and not zoned.all():
        raise _refused(source, f"{text[~zoned].iloc[0]!r}", "has no zone, and others have: add it")
    try:
        parsed = pd.to_datetime(
            text, format=form.time_format or "ISO8601", errors="coerce", utc=bool(zoned.all())
        )
    except ValueError as error:  # of the format itself
        what = f"is no time_format, {error}: give one such as %d.%m.%Y %H:%M"
        raise _refused(source, repr(form.time_format), what) from None
    if parsed.isna().any():
        wrong = text[parsed.isna()].iloc[0]
        wanted = form.time_format or "ISO 8601, such as 2024-06-21 00:30"
        raise _refused(source, f"{wrong!r}", f"is no time in {wanted}: give its time_format")
    if zoned.all():
        return parsed
    try:
        local = parsed.dt.tz_localize(form.tz(), ambiguous="infer", nonexistent="raise")
    except _unplaceable() as error:
        raise _refused(
            source,
            str(error).partition(". Try using")[0].partition(", try using")[0].splitlines()[0],
            f"does the file keep to standard time, or lack an hour? By the clock of {form.zone} it "
            "cannot be placed: give the offset of standard time as zone, such as +01:00",
        ) from None
    return local.dt.tz_convert("UTC")


def shown(at: pd.Timestamp, form: SeriesForm) -> str:
    """An instant by the zone's clock, as the file has it."""
    return f"{at.tz_convert(form.tz()):%Y-%m-%d %H:%M:%S%z}"


def standard_time(form: SeriesForm, at: pd.Timestamp) -> timedelta:
    """Offset of the zone's standard time, which the written clock keeps all year."""
    zone: tzinfo = form.tz()
    local: datetime = at.to_pydatetime().astimezone(zone)
    offset, saving = local.utcoffset(), local.dst()
    return (offset or timedelta()) - (saving or timedelta())


def _unplaceable() -> tuple[type[Exception], ...]:
    """What pandas raises for a time that the clock skips or strikes twice: before 3, pytz's."""
    try:
        pytz = import_module("pytz.exceptions")
    except ImportError:
        return (ValueError,)
    return (ValueError, pytz.InvalidTimeError)


def _refused(source: str, where: str, message: str) -> ScenarioError:
    return ScenarioError(source, [Problem(where, message)])
