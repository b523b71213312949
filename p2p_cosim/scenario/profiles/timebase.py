"""Ticks as hours since the run's first midnight, and means over them."""

from __future__ import annotations

import math

import numpy as np

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.types import FloatArray


def tick_edges_h(clock: Clock) -> FloatArray:
    """Shape (ticks + 1,): hours since the first midnight at which ticks begin and end."""
    half_h = clock.interval_s / 7200
    edges_h: FloatArray = clock.hour(0) - half_h + np.arange(clock.ticks + 1.0) * (2 * half_h)
    return edges_h


def days(clock: Clock) -> int:
    """Calendar days that the run touches."""
    return math.ceil(float(tick_edges_h(clock)[-1]) / 24)


def step_means(breaks: FloatArray, values: FloatArray, edges: FloatArray) -> FloatArray:
    """Means over ticks of a function that is constant between breaks; exact, any resolution.

    breaks: shape (n + 1,), ascending. values: shape (n,), `values[i]` holds from break i to
    break i + 1. edges: shape (ticks + 1,), in the unit of the breaks. Returns shape (ticks,).
    """
    integral = np.concatenate([[0.0], np.cumsum(values * np.diff(breaks))])
    means: FloatArray = np.diff(np.interp(edges, breaks, integral)) / np.diff(edges)
    return means


def sample_hours(clock: Clock, longest_min: int) -> FloatArray:
    """Shape (ticks, samples): midpoints of equal parts of each tick, none longer than asked."""
    parts = math.ceil(clock.interval_s / 60 / longest_min)
    edges_h = tick_edges_h(clock)
    hours: FloatArray = (
        edges_h[:-1, None] + (np.arange(parts) + 0.5) / parts * np.diff(edges_h)[:, None]
    )
    return hours
