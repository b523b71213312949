"""The cells of five minutes that weather and load are drawn on, whatever the market interval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.types import FloatArray
from p2p_cosim.scenario.profiles.timebase import days, step_means, tick_edges_h

CELL_MIN = 5
CELLS_PER_DAY = 24 * 60 // CELL_MIN


@dataclass(frozen=True, slots=True)
class Cells:
    """The whole days that a run touches, cut into cells of five minutes.

    first: the first calendar day. days: how many.
    """

    clock: Clock
    first: date
    days: int

    @classmethod
    def of(cls, clock: Clock) -> Cells:
        """The cells of a run."""
        return cls(clock, clock.start.date(), days(clock))

    @property
    def count(self) -> int:
        """Number of cells."""
        return self.days * CELLS_PER_DAY

    @property
    def hour(self) -> FloatArray:
        """Shape (cells,): hours since the first midnight at the middle of each cell."""
        middle: FloatArray = (np.arange(self.count) + 0.5) * CELL_MIN / 60
        return middle

    @property
    def midnight(self) -> datetime:
        """The first instant of the first day, without a zone."""
        return datetime.combine(self.first, datetime.min.time())

    @property
    def dates(self) -> list[date]:
        """The calendar days."""
        return [self.first + timedelta(days=i) for i in range(self.days)]

    def ticks(self, values: FloatArray) -> FloatArray:
        """Means over the ticks of the run of values that are constant in a cell; exact.

        values: shape (cells,). Returns shape (ticks,).
        """
        breaks_h = np.arange(self.count + 1.0) * CELL_MIN / 60
        edges_h = tick_edges_h(self.clock)
        return step_means(breaks_h, values, edges_h)
