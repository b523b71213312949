"""Appliances that start at random: by the hour, by the kind of day, by the light outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from p2p_cosim.core.types import FloatArray
from p2p_cosim.scenario.profiles.homes.park import Home
from p2p_cosim.scenario.profiles.homes.table import LIGHTS, TABLE
from p2p_cosim.scenario.profiles.household import overlay, starts_at

_DAYTIME = slice(9, 17)
_WORKING, _WEEKEND = 0.35, 1.35  # daytime starts of people at work, and of everybody at home
_SATURDAY = 5
_LIGHT_SWING = 0.3  # more in the darkest month than in the mean


def away(home: Home, dates: Sequence[date], hour: FloatArray) -> FloatArray:
    """Shape (cells,): 1 while nobody is at home."""
    if not home.at_work:
        return np.zeros(len(hour))
    workday = np.array([day.weekday() < _SATURDAY for day in dates], dtype=np.float64)
    by_day = (hour % 24 >= _DAYTIME.start) & (hour % 24 < _DAYTIME.stop)
    empty: FloatArray = workday[(hour // 24).astype(int)] * by_day
    return empty


def expected_kwh_per_day(home: Home) -> float:
    """What the appliances of a house take in a mean day at scale 1, without its base load."""
    return sum(
        a.p_kw * a.mean_h * a.starts_per_day
        for a, owned in zip(TABLE, home.owns, strict=True)
        if owned
    )


def appliances_kw(
    home: Home,
    scale: float,
    days: Sequence[tuple[int, date]],
    dark: Sequence[float],
    rngs: Sequence[np.random.Generator],
    edges_h: FloatArray,
) -> FloatArray:
    """Shape (len(edges_h) - 1,): mean power between the edges, in hours since the first midnight.

    days: index and date, beginning with the day before the first. dark: by day, -1 at midsummer
    to 1 at midwinter. rngs: one a day.
    """
    drawn = [
        starts_at(index, TABLE, _starts_per_day(home, scale, night), _hours(home, day), rng)
        for (index, day), night, rng in zip(days, dark, rngs, strict=True)
    ]
    start_h, end_h, p_kw = np.concatenate(drawn, axis=1)
    return overlay(start_h, end_h, p_kw, edges_h)


def _starts_per_day(home: Home, scale: float, night: float) -> FloatArray:
    count = [
        scale * a.starts_per_day * (1 + _LIGHT_SWING * night * (a is LIGHTS)) if owned else 0.0
        for a, owned in zip(TABLE, home.owns, strict=True)
    ]
    return np.array(count)


def _hours(home: Home, day: date) -> FloatArray:
    """Shape (appliances, 24): relative chance of a start in each hour."""
    hours = _HOURS.copy()
    if day.weekday() >= _SATURDAY:
        hours[:, _DAYTIME] *= _WEEKEND
    elif home.at_work:
        hours[:, _DAYTIME] *= _WORKING
    return hours


_HOURS = np.array([a.hours for a in TABLE], dtype=np.float64)
