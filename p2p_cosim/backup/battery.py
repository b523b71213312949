"""A battery behind the meter that carries the house while it has no supply."""

from __future__ import annotations

from dataclasses import dataclass, replace

from p2p_cosim.core.units import WH_PER_KWH, p_kw_of


@dataclass(frozen=True, slots=True)
class Battery:
    """A battery in one state; charging and discharging give the next.

    energy_wh: what it holds when full. power_kw: most it takes or gives at its terminals.
    stored_wh: what it holds now, 0 to energy_wh.
    efficiency: stored over taken energy, the losses of a whole cycle; it gives all it holds.

    It works for backup alone: full, it waits, and it takes power again once there is supply.
    """

    energy_wh: float
    power_kw: float
    stored_wh: float
    efficiency: float = 0.9

    def charging_kw(self, interval_s: int) -> float:
        """What it draws over an interval with supply, until it is full."""
        missing_wh = max(0.0, self.energy_wh - self.stored_wh) / self.efficiency
        return min(self.power_kw, p_kw_of(missing_wh, interval_s))

    def giving_kw(self, need_kw: float, interval_s: int) -> float:
        """What it gives of a need over an interval without supply, until it is empty."""
        return min(need_kw, self.power_kw, p_kw_of(self.stored_wh, interval_s))

    def after(self, p_kw: float, interval_s: int) -> Battery:
        """The battery after an interval at this power; positive charges, negative gives."""
        energy_wh = p_kw * WH_PER_KWH * interval_s / 3600
        stored_wh = self.stored_wh + (energy_wh * self.efficiency if p_kw > 0 else energy_wh)
        # `charging_kw` and `giving_kw` end at the bounds, but for the last bits of a float.
        return replace(self, stored_wh=min(max(stored_wh, 0.0), self.energy_wh))
