"""An appliance that may run later, but must be done in time: a dishwasher, a washing machine."""

from __future__ import annotations

from dataclasses import dataclass, replace

from p2p_cosim.core.types import NO_POWER, Power, Step
from p2p_cosim.core.units import WH_PER_KWH, energy_wh, p_kw_of
from p2p_cosim.houses.device import Device

APPLIANCE = "appliance"
_NOISE_WH = 1e-9


@dataclass(frozen=True, slots=True)
class Appliance(Device):
    """Runs one program after another; once begun, a program runs through.

    power_kw: while it runs. run_wh: what a program takes. ready_s, deadline_s: when each program
    is loaded and when it has to be done, in seconds since the run began; no program is loaded
    before the deadline of the one before. program: which one is next or runs. done_wh: what it
    has had of it.

    Untold it starts as soon as it is loaded. Told to wait it waits, until it could not be done
    by its deadline after another step as long as this one.
    """

    power_kw: float
    run_wh: float
    ready_s: tuple[float, ...]
    deadline_s: tuple[float, ...]
    program: int = 0
    done_wh: float = 0.0
    clock_s: float = 0.0
    name: str = APPLIANCE
    kind: str = APPLIANCE

    @property
    def loaded(self) -> bool:
        """Whether a program waits or runs."""
        return self.program < len(self.ready_s) and self.ready_s[self.program] <= self.clock_s

    def expected_kw(self, step: Step) -> float:
        """The program at once."""
        return self._running_kw(step.seconds)

    def range_kw(self, step: Step) -> tuple[float, float]:
        """Off or on while it can wait; on from then to the end of the program."""
        on_kw = self._running_kw(step.seconds)
        return (0.0 if self._may_wait(step.seconds) else on_kw), on_kw

    def draw(self, step: Step, v_pu: float, told: Power | None = None) -> Power:
        """The program, or nothing if it is told less than half of that and may wait."""
        on_kw = self._running_kw(step.seconds)
        if not v_pu > 0 or not on_kw:
            return NO_POWER
        waits = told is not None and told.p_kw < on_kw / 2 and self._may_wait(step.seconds)
        return NO_POWER if waits else Power(on_kw)

    def after(self, power: Power, seconds: float) -> Appliance:
        """The appliance after this power for so long."""
        program, done_wh = self.program, self.done_wh + energy_wh(power.p_kw, seconds)
        if self.loaded and done_wh >= self.run_wh - _NOISE_WH:
            program, done_wh = program + 1, 0.0
        return replace(self, program=program, done_wh=done_wh, clock_s=self.clock_s + seconds)

    def _running_kw(self, seconds: float) -> float:
        if not self.loaded:
            return 0.0
        return min(self.power_kw, p_kw_of(self.run_wh - self.done_wh, seconds))

    def _may_wait(self, seconds: float) -> bool:
        if not self.loaded or self.done_wh:
            return not self.loaded
        needs_s = 3600 * self.run_wh / (WH_PER_KWH * self.power_kw)
        return self.clock_s + seconds + needs_s <= self.deadline_s[self.program]
