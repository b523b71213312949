"""What a meter still says when it loses its supply: one message, and then nothing.

The message waits for half a minute or so, because most interruptions are over by then (EPRI, "Last
Gasp Message - Outage Notification", AMI use case 3.0, 2010, waits 45 s; others 30 s), and not all
get through when a whole street sends at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import FloatArray


@dataclass(frozen=True, slots=True)
class LastGasp:
    """How last gasps arrive.

    share: of those sent. after_s: between which times after the supply was lost, evenly.
    """

    share: float = 1.0
    after_s: tuple[float, float] = (30.0, 45.0)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.share) and 0 <= self.share <= 1):
            raise InputError(f"share {self.share} of last gasps is outside 0 to 1: correct it")

    def times_s(self, houses: int, rng: np.random.Generator) -> FloatArray:
        """When one of each house would arrive, NaN for those that would not; shape (houses,).

        Drawn alike whether anybody is dark or not.
        """
        arrives, when = rng.random(houses) < self.share, rng.uniform(*self.after_s, houses)
        return np.where(arrives, when, np.nan)
