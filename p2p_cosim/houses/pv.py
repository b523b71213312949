"""Photovoltaics: what the sun gives, and the inverter that passes it on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.types import NO_POWER, FloatArray, Power, Step
from p2p_cosim.houses.device import PV, Device
from p2p_cosim.houses.series import Course, power_kw


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PVArray(Brief):
    """Modules on a roof.

    profile_kw: shape (ticks,), the AC power that the sun makes possible. course: what it does
    inside intervals; None if it is constant there.
    """

    profile_kw: FloatArray
    course: Course | None = None

    def available_kw(self, step: Step) -> float:
        """What the sun makes possible."""
        return power_kw(self.profile_kw, self.course, step)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Inverter(Brief, Device):
    """A grid-following inverter of a PV array, at unity power factor unless told otherwise.

    rating_kva: apparent power that it can carry. in_service: False while it has tripped.
    Without a voltage it has nothing to follow and stays off.
    """

    array: PVArray
    rating_kva: float = 0.0
    in_service: bool = True
    name: str = PV
    kind: str = PV

    def expected_kw(self, step: Step) -> float:
        """All that the sun makes possible: its owner does not know of a trip."""
        return 0.0 - self.array.available_kw(step)

    def available_kw(self, step: Step) -> float:
        """What the sun makes possible, 0 while it has tripped."""
        return self.array.available_kw(step) if self.in_service else 0.0

    def draw(self, step: Step, v_pu: float, told: Power | None = None) -> Power:
        """All that is available, or what it is told within that."""
        if not v_pu > 0:
            return NO_POWER
        given_kw = self.available_kw(step)
        if told is None:
            return Power(0.0 - given_kw)
        return Power(min(0.0, max(told.p_kw, -given_kw)), told.q_kvar)

    def tripped(self, out: bool) -> Inverter:
        """The same inverter out of service, or back in it."""
        return replace(self, in_service=not out)
