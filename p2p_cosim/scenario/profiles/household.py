"""Household load: a base load and appliances that start at random.

Bottom-up in the manner of Richardson et al., Energy and Buildings 42 (2010) 1878,
doi:10.1016/j.enbuild.2010.05.023, without their occupancy model. Powers and durations are
typical nameplate values of North American appliances, and starts a day are set so that a
house of the table takes about 22.7 kWh a day (8.3 MWh a year). There are no seasons and no
weekends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.types import FloatArray
from p2p_cosim.scenario.profiles.timebase import days, step_means, tick_edges_h

# Relative chance of a start in each hour of the day, from midnight on.
ALL_DAY = (1, 1, 1, 1, 1, 2, 4, 6, 5, 4, 4, 4, 5, 4, 4, 4, 5, 7, 8, 7, 6, 5, 3, 2)
MEALS = (0, 0, 0, 0, 0, 1, 3, 4, 2, 1, 1, 3, 4, 2, 1, 2, 5, 10, 12, 7, 3, 1, 1, 0)
WATER = (1, 0, 0, 0, 1, 4, 9, 9, 6, 4, 3, 3, 3, 2, 2, 3, 4, 6, 7, 7, 6, 5, 3, 2)
_COOLING = (2, 1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11, 10, 8, 6, 4, 3)
EVENING = (1, 0, 0, 0, 0, 0, 1, 2, 1, 1, 1, 1, 1, 1, 1, 2, 4, 7, 10, 11, 10, 7, 4, 2)

BASE_KW = 0.22  # refrigerator, standby, networking
SIZE_SPREAD = 0.25  # standard deviation of a house's size relative to the mean house
_DURATION_SHAPE = 4.0  # of the gamma distribution of durations: relative deviation one half


@dataclass(frozen=True, slots=True)
class Appliance:
    """One kind of appliance; `hours` is the relative chance of a start in each hour."""

    name: str
    p_kw: float
    mean_h: float
    starts_per_day: float
    hours: tuple[int, ...]


APPLIANCES = (
    Appliance("small kitchen", 1.2, 0.1, 5.0, MEALS),
    Appliance("range", 2.5, 0.6, 0.9, MEALS),
    Appliance("dishwasher", 1.2, 1.0, 0.5, EVENING),
    Appliance("washer", 0.5, 0.8, 0.5, ALL_DAY),
    Appliance("dryer", 4.5, 0.7, 0.5, ALL_DAY),
    Appliance("water heater", 4.5, 0.25, 2.9, WATER),
    Appliance("air conditioner", 3.0, 0.25, 10.3, _COOLING),
    Appliance("lights and screens", 0.35, 3.0, 2.0, EVENING),
)


def table_kwh_per_day() -> float:
    """Expected consumption of a house with exactly the appliances of the table."""
    return BASE_KW * 24 + sum(a.p_kw * a.mean_h * a.starts_per_day for a in APPLIANCES)


def household_load_kw(
    clock: Clock, load_kwh_per_day: float, rng: np.random.Generator
) -> FloatArray:
    """Shape (ticks,): mean consumption in each tick in kW.

    `load_kwh_per_day` is the mean over many houses; sizes of houses are lognormal round it.
    It scales how often appliances start and the base load, never the power of an appliance.
    Days are drawn in order, so a longer run begins like a shorter one; events are placed in
    continuous time, so the interval changes only the resolution.
    """
    spread = np.sqrt(np.log1p(SIZE_SPREAD**2))
    size = rng.lognormal(-(spread**2) / 2, spread)
    scale = size * load_kwh_per_day / table_kwh_per_day()
    # The day before the first fills the first midnight.
    starts = scale * np.array([a.starts_per_day for a in APPLIANCES])
    drawn = [starts_at(day, APPLIANCES, starts, _CHANCES, rng) for day in range(-1, days(clock))]
    start_h, end_h, p_kw = np.concatenate(drawn, axis=1)
    load_kw: FloatArray = BASE_KW * scale + overlay(start_h, end_h, p_kw, tick_edges_h(clock))
    return load_kw


def starts_at(
    day: int,
    appliances: Sequence[Appliance],
    starts_per_day: FloatArray,
    hours: FloatArray,
    rng: np.random.Generator,
) -> FloatArray:
    """Shape (3, starts): begin and end in hours since the first midnight, power in kW.

    starts_per_day: shape (appliances,), expected. hours: shape (appliances, 24), relative chance
    of a start in each hour.
    """
    count = rng.poisson(starts_per_day)
    which = np.repeat(np.arange(len(appliances)), count)
    mean_h = np.array([a.mean_h for a in appliances])
    p_kw = np.array([a.p_kw for a in appliances])
    cumulative = np.pad(np.cumsum(hours, axis=1), ((0, 0), (1, 0))) / hours.sum(
        axis=1, keepdims=True
    )
    # Inverse of the piecewise linear distribution of the hour of a start.
    begin_h = np.array(
        [
            np.interp(u, cumulative[i], _HOURS)
            for i, u in zip(which, rng.random(len(which)), strict=True)
        ]
    )
    length_h = rng.gamma(_DURATION_SHAPE, mean_h[which] / _DURATION_SHAPE)
    start_h = day * 24 + begin_h
    return np.stack([start_h, start_h + length_h, p_kw[which]])


def overlay(
    start_h: FloatArray, end_h: FloatArray, p_kw: FloatArray, edges_h: FloatArray
) -> FloatArray:
    """Shape (len(edges_h) - 1,): mean power between edges of rectangles laid over each other."""
    far = np.abs(edges_h).max() + 1000.0  # beyond every event, so that every tick is inside
    breaks = np.concatenate([[-far], start_h, end_h, [far]])
    change = np.concatenate([[0.0], p_kw, -p_kw, [0.0]])
    order = np.argsort(breaks, kind="stable")
    power = np.cumsum(change[order])[:-1]
    return np.maximum(step_means(breaks[order], power, edges_h), 0.0)


_HOURS = np.arange(25.0)
_CHANCES = np.array([a.hours for a in APPLIANCES], dtype=np.float64)
