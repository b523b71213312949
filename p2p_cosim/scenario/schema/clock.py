"""The section on time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from p2p_cosim.core.clock import Clock
from p2p_cosim.scenario.schema.fields import LocalTime
from p2p_cosim.scenario.schema.problems import show
from p2p_cosim.scenario.schema.section import Section

_MAX_TICKS = 35_136  # a leap year of quarter hours

# Python takes true for 1, and a file that says `yes` would have a minute.
_no_truth = BeforeValidator(lambda given: show(given) if isinstance(given, bool) else given)


class ClockSection(Section):
    """When the run starts, and how long it is."""

    start: LocalTime = Field(
        default=datetime(2024, 6, 21),
        description="First instant of tick 0, in local mean solar time without daylight saving.",
    )
    interval_min: Annotated[Literal[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60], _no_truth] = Field(
        default=15, description="Length of a market interval (tick) in minutes; a divisor of 60."
    )
    ticks: int = Field(
        default=96, ge=1, le=_MAX_TICKS, description="Number of intervals of the run."
    )
    power_flow_min: Annotated[Literal[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30] | None, _no_truth] = (
        Field(
            default=None,
            description="Length of a power flow inside the interval in minutes, a divisor of "
            "interval_min; by default one power flow an interval. Regulator and capacitor controls "
            "then act with their own delays.",
        )
    )

    def clock(self) -> Clock:
        """The run's clock."""
        return Clock(self.start, self.interval_min * 60, self.ticks)

    @property
    def parts(self) -> int:
        """Power flows of an interval."""
        return self.interval_min // (self.power_flow_min or self.interval_min)

    def fine(self) -> ClockSection:
        """The same time with a tick for every power flow."""
        finer = {"interval_min": self.interval_min // self.parts, "ticks": self.ticks * self.parts}
        return self.model_copy(update={**finer, "power_flow_min": None})
