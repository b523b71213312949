"""How long fuses and reclosers take at a current: time-current curves.

The curves are those that OpenDSS brings along, read between their points on logarithmic axes as it
does: `TCC_Curve.KLink`, by which a K link (ANSI C37.42) melts, and `TCC_Curve.D`, the delayed one
of its Recloser. tests/unit/faults/test_protection.py compares them with the engine's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Curve:
    """Operating time in seconds by multiples of the rated current, both rising and falling."""

    name: str
    multiples: tuple[float, ...]
    seconds: tuple[float, ...]

    def time_s(self, multiple: float) -> float:
        """Infinite below the first point; beyond the last, that of the last."""
        if not multiple >= self.multiples[0]:
            return math.inf
        log_s = np.interp(math.log(multiple), np.log(self.multiples), np.log(self.seconds))
        return math.exp(float(log_s))


K_LINK = Curve("KLink", (2.0, 2.2, 3.0, 4.0, 6.0, 30.0), (300.0, 20.0, 4.0, 1.3, 0.41, 0.02))
DELAYED = Curve("D", (1.0, 2.5, 4.5, 8.0, 14.0), (6.0, 0.7, 0.2, 0.06, 0.02))

K_RATINGS_A = (6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 65, 80, 100, 140, 200)
"""Links that are made (ANSI C37.42), in A."""
