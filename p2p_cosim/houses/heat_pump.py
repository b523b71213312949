"""A heat pump, or an air conditioner, in a house of one thermal mass."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.types import NO_POWER, FloatArray, Power, Step
from p2p_cosim.core.units import WH_PER_KWH
from p2p_cosim.houses.device import Device
from p2p_cosim.houses.storing import within
from p2p_cosim.houses.timeline import pieces

HEAT_PUMP = "heat_pump"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HeatPump(Brief, Device):
    """Holds the air of a house inside a comfort band.

    The house is one mass behind one resistance, the equivalent thermal parameters of Taylor,
    Gowri and Katipamula, GridLAB-D Technical Support Document: Residential End-Use Module
    (PNNL-17694, 2008), with air and mass as one:

        C dT/dt = -UA (T - T_outdoor) + gains + sign * COP * P.

    outdoor_c: shape (intervals,). power_kw: most that it draws. cop: heat moved over energy drawn.
    loss_w_per_k: UA. heat_wh_per_k: C. gains_kw: people, sun and all that is switched on.
    low_c, high_c: the comfort band. indoor_c: the temperature now. mode: heat or cool.

    Untold it holds a temperature a quarter of the band away from the end that takes less energy.
    """

    outdoor_c: FloatArray
    interval_s: int
    indoor_c: float
    power_kw: float
    mode: Literal["heat", "cool"] = "heat"
    cop: float = 3.0
    loss_w_per_k: float = 200.0
    heat_wh_per_k: float = 5000.0
    gains_kw: float = 0.3
    low_c: float = 19.5
    high_c: float = 22.5
    clock_s: float = 0.0
    name: str = HEAT_PUMP
    kind: str = HEAT_PUMP

    @property
    def set_point_c(self) -> float:
        """What it holds untold."""
        quarter_k = (self.high_c - self.low_c) / 4
        return self.low_c + quarter_k if self.mode == "heat" else self.high_c - quarter_k

    def expected_kw(self, step: Step) -> float:
        """What brings the house to its set-point by the end of the step."""
        return self._power_to(self.set_point_c, step.seconds)

    def range_kw(self, step: Step) -> tuple[float, float]:
        """From what keeps the house just comfortable to what uses the whole band."""
        ends = [self._power_to(end_c, step.seconds) for end_c in (self.low_c, self.high_c)]
        return min(ends), max(ends)

    def draw(self, step: Step, v_pu: float, told: Power | None = None) -> Power:
        """What it is told, within its range; untold, what it expects."""
        if not v_pu > 0:
            return NO_POWER
        if told is None:
            return Power(self.expected_kw(step))
        return Power(within(told.p_kw, *self.range_kw(step)))

    def after(self, power: Power, seconds: float) -> HeatPump:
        """The house after this power for so long; exact for powers and outdoor temperatures that
        stay the same within an interval."""
        return replace(
            self,
            indoor_c=self._indoor_c(power.p_kw, seconds),
            clock_s=self.clock_s + seconds,
        )

    def _indoor_c(self, p_kw: float, seconds: float) -> float:
        heat_w = self.gains_kw * WH_PER_KWH + self._sign * self.cop * p_kw * WH_PER_KWH
        indoor_c = self.indoor_c
        for i, part_s in pieces(self.clock_s, seconds, self.interval_s, len(self.outdoor_c)):
            final_c = float(self.outdoor_c[i]) + heat_w / self.loss_w_per_k
            indoor_c = final_c + (indoor_c - final_c) * math.exp(-part_s / self._time_constant_s)
        return indoor_c

    def _power_to(self, target_c: float, seconds: float) -> float:
        """The power within its bounds that leads nearest to a temperature; they are linear."""
        idle_c = self._indoor_c(0.0, seconds)
        per_kw_k = self._indoor_c(1.0, seconds) - idle_c
        return within((target_c - idle_c) / per_kw_k, 0.0, self.power_kw)

    @property
    def _sign(self) -> int:
        return 1 if self.mode == "heat" else -1

    @property
    def _time_constant_s(self) -> float:
        return 3600 * self.heat_wh_per_k / self.loss_w_per_k
