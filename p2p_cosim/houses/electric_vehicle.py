"""An electric vehicle: a battery that is there at times, and has to be charged when it leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.types import Flexibility, FloatArray, Power, Step
from p2p_cosim.core.units import energy_wh
from p2p_cosim.houses.device import Device
from p2p_cosim.houses.storing import power_for, stored_after, within
from p2p_cosim.houses.timeline import interval_at, pieces

EV = "ev"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ElectricVehicle(Brief, Device):
    """A car, at its charging point or away.

    plugged: shape (intervals,), whether it is there. driving_kw: shape (intervals,), what driving
    takes out of it. required_wh: what it must hold when it leaves, as far as its charger can.
    energy_wh, power_kw, stored_wh, efficiencies and wear as of a `Battery`. v2g: whether it
    can give. waits: it charges no sooner than it must, unless the house has bought for it;
    otherwise as soon as it is there, to what it must hold.
    """

    plugged: NDArray[np.bool_]
    driving_kw: FloatArray
    interval_s: int
    energy_wh: float
    power_kw: float
    required_wh: float
    stored_wh: float
    v2g: bool = True
    waits: bool = False
    charge_efficiency: float = 0.92
    discharge_efficiency: float = 0.92
    wear_wei_per_wh: int = 0
    clock_s: float = 0.0
    name: str = EV
    kind: str = EV

    @property
    def present(self) -> bool:
        """Whether it stands at its charging point."""
        return bool(self.plugged[self._interval])

    def expected_kw(self, step: Step) -> float:
        """Charging to what it must hold: at once, or no sooner than it must."""
        least_kw, most_kw = self.range_kw(step)
        wanted_kw = 0.0 if self.waits else self._power_for(self.required_wh, step.seconds)
        return within(max(0.0, wanted_kw), least_kw, most_kw)

    def range_kw(self, step: Step) -> tuple[float, float]:
        """Within its power and what it holds, and so that it can still be charged in time."""
        if not self.present:
            return 0.0, 0.0
        most_kw = within(self._power_for(self.energy_wh, step.seconds), 0.0, self.power_kw)
        lowest_kw = -self.power_kw if self.v2g else 0.0
        needed_wh = max(0.0, self.required_wh - self._charged_later_wh(step.seconds))
        return within(self._power_for(needed_wh, step.seconds), lowest_kw, most_kw), most_kw

    def draw(self, step: Step, v_pu: float, told: Power | None = None) -> Power:
        """What it is told, within its range; untold, what it expects. Without a voltage it can
        give and not charge."""
        p_kw = self.expected_kw(step) if told is None else within(told.p_kw, *self.range_kw(step))
        return Power(p_kw if v_pu > 0 or p_kw < 0 else 0.0)

    def after(self, power: Power, seconds: float) -> ElectricVehicle:
        """The car after this power for so long, and what it drove meanwhile."""
        stored_wh = stored_after(
            self.stored_wh, power.p_kw, seconds, self.charge_efficiency, self.discharge_efficiency
        )
        for i, part_s in pieces(self.clock_s, seconds, self.interval_s, len(self.plugged)):
            stored_wh -= energy_wh(float(self.driving_kw[i]), part_s)
        return replace(
            self,
            stored_wh=within(stored_wh, 0.0, self.energy_wh),
            clock_s=self.clock_s + seconds,
        )

    def outlook(self, horizon: int, interval_s: int) -> Flexibility:
        """Its bounds while it is there, and what it must hold whenever it leaves."""
        coming = np.minimum(np.arange(horizon + 1) + self._interval, len(self.plugged) - 1)
        there = self.plugged[coming[:-1]]
        power_kw: FloatArray = np.where(there, self.power_kw, 0.0)
        leaves = there & ~self.plugged[coming[1:]]
        taken_wh = energy_wh(self.driving_kw[coming[:-1]], interval_s)
        fills_wh = self.charge_efficiency * energy_wh(power_kw, interval_s)
        least_wh = np.where(leaves, self.required_wh, 0.0)
        most_wh = self.stored_wh  # with full power from now on
        for i in range(horizon):
            taken_wh[i] = min(taken_wh[i], most_wh + fills_wh[i])
            most_wh = min(self.energy_wh, most_wh + fills_wh[i] - taken_wh[i])
            least_wh[i] = min(least_wh[i], most_wh)
        return Flexibility(
            device=self.name,
            stored_wh=self.stored_wh,
            least_kw=-power_kw if self.v2g else np.zeros(horizon),
            most_kw=power_kw,
            least_wh=least_wh,
            most_wh=np.full(horizon, self.energy_wh),
            taken_wh=taken_wh,
            charge_efficiency=self.charge_efficiency,
            discharge_efficiency=self.discharge_efficiency,
            wear_wei_per_wh=self.wear_wei_per_wh,
            kept_wh=self.required_wh,
        )

    @property
    def _interval(self) -> int:
        return interval_at(self.clock_s, self.interval_s, len(self.plugged))

    def _power_for(self, stored_wh: float, seconds: float) -> float:
        change_wh = stored_wh - self.stored_wh
        return power_for(change_wh, seconds, self.charge_efficiency, self.discharge_efficiency)

    def _charged_later_wh(self, seconds: float) -> float:
        """What its charger can still put into it between this step and when it leaves."""
        here = self.plugged[self._interval :]
        if here.all():
            return self.required_wh  # it does not leave within what is known
        leaves_s = (self._interval + int(here.argmin())) * float(self.interval_s)
        left_s = max(0.0, leaves_s - self.clock_s - seconds)
        return self.charge_efficiency * energy_wh(self.power_kw, left_s)
