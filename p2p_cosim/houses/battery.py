"""Batteries behind the meter: one that waits for an outage, and one that works every day."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from p2p_cosim.core.types import Flexibility, Power, Step
from p2p_cosim.core.units import WH_PER_KWH, p_kw_of
from p2p_cosim.houses.device import BATTERY, Device
from p2p_cosim.houses.storing import power_for, stored_after, within


@dataclass(frozen=True, slots=True)
class BackupBattery(Device):
    """A battery in one state that works for backup alone.

    energy_wh: what it holds when full. power_kw: most it takes or gives at its terminals.
    stored_wh: what it holds now, 0 to energy_wh.
    efficiency: stored over taken energy, the losses of a whole cycle; it gives all it holds.

    Full, it waits, and it takes power again once there is supply.
    """

    energy_wh: float
    power_kw: float
    stored_wh: float
    efficiency: float = 0.9
    name: str = BATTERY
    kind: str = BATTERY

    def expected_kw(self, step: Step) -> float:
        """What it draws with supply, until it is full."""
        missing_wh = max(0.0, self.energy_wh - self.stored_wh) / self.efficiency
        return min(self.power_kw, p_kw_of(missing_wh, step.seconds))

    def draw(self, step: Step, v_pu: float, told: Power | None = None) -> Power:  # noqa: ARG002
        """Charging; or, told a negative power, what it gives of that until it is empty."""
        if told is None:
            return Power(self.expected_kw(step))
        if told.p_kw >= 0:
            return Power(min(told.p_kw, self.expected_kw(step)))
        given_kw = min(-told.p_kw, self.power_kw, p_kw_of(self.stored_wh, step.seconds))
        return Power(0.0 - given_kw)

    def after(self, power: Power, seconds: float) -> BackupBattery:
        """The battery after this power for so long; positive charges, negative gives."""
        energy_wh = power.p_kw * WH_PER_KWH * seconds / 3600
        stored_wh = self.stored_wh + (energy_wh * self.efficiency if energy_wh > 0 else energy_wh)
        # `draw` ends at the bounds, but for the last bits of a float.
        return replace(self, stored_wh=min(max(stored_wh, 0.0), self.energy_wh))


@dataclass(frozen=True, slots=True)
class Battery(Device):
    """A battery that works for its house every day: it covers what the house needs and takes
    what it has over, and it gives or takes what the house has sold or bought.

    energy_wh: what it holds when full. power_kw: most it takes or gives at its terminals.
    stored_wh: what it holds now. charge_efficiency: stored over drawn. discharge_efficiency:
    given over taken out. wear_wei_per_wh: what giving a Wh costs in life of the cells.
    """

    energy_wh: float
    power_kw: float
    stored_wh: float
    charge_efficiency: float = 0.95
    discharge_efficiency: float = 0.95
    wear_wei_per_wh: int = 0
    name: str = BATTERY
    kind: str = BATTERY
    works_unasked: bool = True

    def expected_kw(self, step: Step) -> float:  # noqa: ARG002
        """Nothing: it has no wish of its own."""
        return 0.0

    def range_kw(self, step: Step) -> tuple[float, float]:
        """Within its power, until it is empty or full at the end of the step."""
        empties_kw = self._power_for(-self.stored_wh, step.seconds)
        fills_kw = self._power_for(self.energy_wh - self.stored_wh, step.seconds)
        return max(-self.power_kw, empties_kw), min(self.power_kw, fills_kw)

    def draw(self, step: Step, v_pu: float, told: Power | None = None) -> Power:  # noqa: ARG002
        """What it is told, within its range; nothing untold."""
        return Power(0.0 if told is None else within(told.p_kw, *self.range_kw(step)))

    def after(self, power: Power, seconds: float) -> Battery:
        """The battery after this power for so long."""
        stored_wh = stored_after(
            self.stored_wh, power.p_kw, seconds, self.charge_efficiency, self.discharge_efficiency
        )
        return replace(self, stored_wh=within(stored_wh, 0.0, self.energy_wh))

    def outlook(self, horizon: int, interval_s: int) -> Flexibility:  # noqa: ARG002
        """The same bounds in all coming intervals."""
        ones = np.ones(horizon)
        return Flexibility(
            device=self.name,
            stored_wh=self.stored_wh,
            least_kw=-self.power_kw * ones,
            most_kw=self.power_kw * ones,
            least_wh=0.0 * ones,
            most_wh=self.energy_wh * ones,
            taken_wh=0.0 * ones,
            charge_efficiency=self.charge_efficiency,
            discharge_efficiency=self.discharge_efficiency,
            wear_wei_per_wh=self.wear_wei_per_wh,
            works_unasked=self.works_unasked,
        )

    def _power_for(self, change_wh: float, seconds: float) -> float:
        return power_for(change_wh, seconds, self.charge_efficiency, self.discharge_efficiency)
