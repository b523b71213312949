"""The shape of a day for the feeder's published spot loads."""

from __future__ import annotations

import numpy as np

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.types import FloatArray
from p2p_cosim.scenario.profiles.timebase import sample_hours

# Share of the published (peak) load on the hour, from midnight on. A summer weekday of mixed
# homes and shops: least at four in the morning, most at six in the evening. The bounds 0.55
# and 0.98 are a load factor of 0.77; the shape is chosen, not measured.
DAILY_SHAPE = (
    *(0.63, 0.59, 0.57, 0.56, 0.55, 0.57, 0.62, 0.69, 0.74, 0.78, 0.81, 0.84),
    *(0.86, 0.87, 0.88, 0.90, 0.93, 0.96, 0.98, 0.96, 0.92, 0.87, 0.79, 0.70),
)


def daily_scale(clock: Clock) -> FloatArray:
    """Shape (ticks,): mean over each tick of the day's shape, linear between the hours."""
    hours = sample_hours(clock, longest_min=5)
    shape = np.interp(hours, np.arange(24), DAILY_SHAPE, period=24)
    return np.asarray(shape.mean(axis=1), dtype=np.float64)
