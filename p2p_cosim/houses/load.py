"""A load that follows a profile."""

from __future__ import annotations

from dataclasses import dataclass

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.types import FloatArray, Power, Step
from p2p_cosim.houses.device import LOAD, Device
from p2p_cosim.houses.series import Course, power_kw


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Load(Brief, Device):
    """All that a house consumes.

    profile_kw: shape (ticks,). kvar_per_kw: reactive per active power.
    essential_share: part of it that stays on while the house has lost its own supply.
    course: what the profile does inside intervals; None if it is constant there.

    Its power does not depend on the voltage: what the engine makes of a load far from nominal
    shows at the meter, and the house finds it there.
    """

    profile_kw: FloatArray
    kvar_per_kw: float = 0.0
    essential_share: float = 0.0
    name: str = LOAD
    kind: str = LOAD
    course: Course | None = None

    def expected_kw(self, step: Step) -> float:
        """What the profile says."""
        return power_kw(self.profile_kw, self.course, step)

    def essential_kw(self, step: Step) -> float:
        """The essential share of the profile."""
        return self.essential_share * power_kw(self.profile_kw, self.course, step)

    def draw(self, step: Step, v_pu: float, told: Power | None = None) -> Power:  # noqa: ARG002
        """What the profile says, less what it is told to shed."""
        p_kw = power_kw(self.profile_kw, self.course, step)
        if told is not None:
            p_kw = max(0.0, min(p_kw, told.p_kw))
        return Power(p_kw, p_kw * self.kvar_per_kw)
