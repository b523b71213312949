"""How published loads stray from what is expected of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.types import FloatArray


@dataclass(frozen=True, slots=True)
class LoadUncertainty:
    """How far the published loads stray from their usual day, relative to it.

    common: standard deviation of what they share (weather); own: of each by itself; both are
    AR(1) processes with `memory` from tick to tick.
    """

    common: float = 0.03
    own: float = 0.02
    memory: float = 0.9

    def covariance(self, loads: int) -> FloatArray:
        """Of the loads' relative deviations at one moment, shape (loads, loads)."""
        shared: FloatArray = np.full((loads, loads), self.common**2)
        return shared + self.own**2 * np.eye(loads)

    def drawn(self, ticks: int, loads: int, rng: np.random.Generator) -> FloatArray:
        """Relative deviations, shape (ticks, loads)."""
        shared = self.common * _ar1(rng, self.memory, ticks, 1)
        return shared + self.own * _ar1(rng, self.memory, ticks, loads)


def _ar1(rng: np.random.Generator, memory: float, ticks: int, columns: int) -> FloatArray:
    """Unit-variance AR(1) series down the columns, in equilibrium from the start."""
    draws = rng.standard_normal((ticks, columns))
    for tick in range(1, ticks):
        draws[tick] = memory * draws[tick - 1] + np.sqrt(1 - memory**2) * draws[tick]
    return draws
