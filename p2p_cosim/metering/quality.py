"""How good meters are."""

from __future__ import annotations

import math
from dataclasses import dataclass

from p2p_cosim.core.errors import InputError


@dataclass(frozen=True, slots=True)
class MeterQuality:
    """How good the readings are. The default is perfect.

    v_noise_pu: standard deviation of a voltage reading. p_noise: of a house's P and Q,
    relative to its apparent power. head_noise: of the head's P and Q, relative to the
    phase's apparent power. lost_share: probability that a house's reading does not arrive.
    delay_ticks: by which all readings come late.
    """

    v_noise_pu: float = 0.0
    p_noise: float = 0.0
    head_noise: float = 0.0
    lost_share: float = 0.0
    delay_ticks: int = 0

    def __post_init__(self) -> None:
        for name in ("v_noise_pu", "p_noise", "head_noise", "lost_share"):
            value = getattr(self, name)
            if not (math.isfinite(value) and 0 <= value <= 1):
                raise InputError(f"{name} {value} is outside 0 to 1: correct it")
        if self.delay_ticks < 0:
            raise InputError(f"delay_ticks {self.delay_ticks} is negative: give 0 or more")


PERFECT = MeterQuality()

TYPICAL = MeterQuality(v_noise_pu=0.001, p_noise=0.005, head_noise=0.002)
"""Random errors of common equipment, as one standard deviation: voltage 0.1 %, power of a
house 0.5 % (a class 0.5 meter of ANSI C12.20), power at the head 0.2 % (a class 0.2 meter)."""
