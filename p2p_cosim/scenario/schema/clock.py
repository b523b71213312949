"""The section on time."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from p2p_cosim.core.clock import Clock
from p2p_cosim.scenario.schema.fields import LocalTime
from p2p_cosim.scenario.schema.section import Section

_MAX_TICKS = 35_136  # a leap year of quarter hours


class ClockSection(Section):
    """When the run starts, and how long it is."""

    start: LocalTime = Field(
        default=datetime(2024, 6, 21),
        description="First instant of tick 0, in local mean solar time without daylight saving.",
    )
    interval_min: Literal[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60] = Field(
        default=15, description="Length of a market interval (tick) in minutes; a divisor of 60."
    )
    ticks: int = Field(
        default=96, ge=1, le=_MAX_TICKS, description="Number of intervals of the run."
    )

    def clock(self) -> Clock:
        """The run's clock."""
        return Clock(self.start, self.interval_min * 60, self.ticks)
