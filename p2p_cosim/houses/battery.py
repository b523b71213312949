"""A battery behind the meter that carries the house while it has no supply."""

from __future__ import annotations

from dataclasses import dataclass, replace

from p2p_cosim.core.types import Power, Step
from p2p_cosim.core.units import WH_PER_KWH, p_kw_of
from p2p_cosim.houses.device import BATTERY, Device


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
