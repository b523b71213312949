"""The time of a device that changes by itself: which interval it is in.

Such a device keeps its own clock, in seconds since the run began, because `after` is told only
how long a power lasted.
"""

from __future__ import annotations

from collections.abc import Iterator


def interval_at(clock_s: float, interval_s: int, intervals: int) -> int:
    """Index of the interval that holds an instant; the last one goes on for ever."""
    return min(int(clock_s // interval_s), intervals - 1)


def pieces(
    clock_s: float, seconds: float, interval_s: int, intervals: int
) -> Iterator[tuple[int, float]]:
    """Index and length in seconds of every part of a stretch of time that lies in one interval."""
    end_s = clock_s + seconds
    while clock_s < end_s:
        index = interval_at(clock_s, interval_s, intervals)
        edge_s = end_s if index == intervals - 1 else (index + 1) * float(interval_s)
        yield index, min(edge_s, end_s) - clock_s
        clock_s = edge_s
