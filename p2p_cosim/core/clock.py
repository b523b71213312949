"""Simulated time: ticks, hours of the day and block timestamps. No wall clock anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Clock:
    """Maps a tick to simulated time.

    start: first instant of tick 0; naive local time of the feeder.
    interval_s: length of a market interval in seconds.
    ticks: number of intervals of the run.
    """

    start: datetime
    interval_s: int
    ticks: int

    def time(self, tick: int) -> datetime:
        """The first instant of a tick, in local time."""
        return self.start + timedelta(seconds=tick * self.interval_s)

    def hour(self, tick: int) -> float:
        """Hours since the run's first midnight at the middle of the tick."""
        midnight = self.start.replace(hour=0, minute=0, second=0, microsecond=0)
        middle = self.time(tick) + timedelta(seconds=self.interval_s / 2)
        return (middle - midnight).total_seconds() / 3600

    def gate_closure_timestamp(self, tick: int) -> int:
        """Block timestamp (Unix seconds) of the gate closure block of a tick.

        Gate closure is the last second before delivery begins; the block that settles the
        tick before stands one second earlier (`delivery_timestamp`).
        """
        return self._unix(tick) - 1

    def delivery_timestamp(self, tick: int) -> int:
        """Block timestamp (Unix seconds) of the delivery block, at the end of the tick."""
        return self._unix(tick + 1) - 2

    def _unix(self, tick: int) -> int:
        return int(self.time(tick).replace(tzinfo=UTC).timestamp())
