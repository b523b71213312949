"""A matched filter over the last residuals: the best linear test for a small step.

With residuals that are Gaussian with known covariance, the likelihood ratio test for a step
of known shape and unknown size is the projection on C^-1 s, scaled to unit variance (S. M.
Kay, "Fundamentals of Statistical Signal Processing: Detection Theory", 1998, section 4.4).
The same numbers say beforehand what can be seen: a step of size x has mean x d.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.types import Fault, FloatArray
from p2p_cosim.detection.twin import SIZE, Twin

WINDOW = 12
"""Residuals looked at together, in ticks: three hours of quarter hours."""
_SCALE_STEP = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Filters at one scale of the published loads.

    shapes: shape (probes, SIZE), what each probe adds to a residual.
    weights: shape (probes, onsets, WINDOW * SIZE), onsets from the newest residual alone to
    all but the oldest. d: shape (probes, onsets), mean of the statistic for the probe itself.
    change: covariance of the difference of two successive residuals, shape (SIZE, SIZE);
    drift: of two that are far apart.
    """

    shapes: FloatArray
    weights: FloatArray
    d: FloatArray
    change: FloatArray
    drift: FloatArray


class MatchedFilter(Brief):
    """Keeps the last residuals and tests them for each probe and each onset in the window.

    probes: short circuits of high impedance, whose effect is proportional to their admittance.
    """

    def __init__(self, twin: Twin, probes: Sequence[Fault]) -> None:
        self.probes = tuple(probes)
        self._twin = twin
        self._designs: dict[int, Design] = {}
        self.window: deque[FloatArray] = deque(maxlen=WINDOW)

    def design(self, scale: float) -> Design:
        """Filters for a scale, made once for each tenth."""
        key = max(1, round(scale / _SCALE_STEP))
        if key not in self._designs:
            self._designs[key] = _design(self._twin, self.probes, key * _SCALE_STEP)
        return self._designs[key]

    def share_designs(self, other: MatchedFilter) -> None:
        """Use what another filter of the same feeder, meters and probes has designed."""
        self._designs = other._designs

    def push(self, residual: FloatArray) -> None:
        """Add the newest residual."""
        self.window.append(residual)

    def reset(self) -> None:
        """Forget: what comes next is the new normal."""
        self.window.clear()

    def explain(self, probe: int, onset: int, value: float, scale: float) -> FloatArray:
        """Take the likeliest size of a step out of the window since its onset, and return it,
        so that it can be taken out of what follows. Shape (SIZE,)."""
        design = self.design(scale)
        step: FloatArray = value / design.d[probe, onset] * design.shapes[probe]
        for i in range(WINDOW - 1 - onset, WINDOW):
            self.window[i] = self.window[i] - step
        return step

    def statistics(self, scale: float) -> FloatArray:
        """Shape (probes, onsets), standard normal without a fault; zeros until the window is
        full."""
        design = self.design(scale)
        if len(self.window) < WINDOW:
            return np.zeros(design.d.shape)
        statistics: FloatArray = design.weights @ np.concatenate(self.window)
        return statistics

    def change_chi2(self, scale: float) -> float:
        """Squared length of the newest change in its own covariance, chi-squared with SIZE
        degrees of freedom without a fault; 0 with fewer than two residuals."""
        if len(self.window) < 2:
            return 0.0
        change = self.window[-1] - self.window[-2]
        return float(change @ np.linalg.solve(self.design(scale).change, change))

    def drift_chi2(self, residual: FloatArray, origin: FloatArray, scale: float) -> float:
        """The same for two residuals that may lie hours apart."""
        change = residual - origin
        return float(change @ np.linalg.solve(self.design(scale).drift, change))


def detection_probability(
    d_per_probe: float, probe_ohm: float, ohm: float, threshold: float
) -> float:
    """Chance that one look at a fault of `ohm` exceeds the threshold: Q(threshold - d)."""
    d = d_per_probe * probe_ohm / ohm
    return 0.5 * math.erfc((threshold - d) / math.sqrt(2))


def _design(twin: Twin, probes: Sequence[Fault], scale: float) -> Design:
    loads, meters = twin.load_covariance(scale), twin.meter_covariance(scale)
    lags = np.abs(np.subtract.outer(np.arange(WINDOW), np.arange(WINDOW)))
    # Loads stray slowly and meters err anew each time.
    covariance = np.kron(twin.loads.memory**lags, loads) + np.kron(np.eye(WINDOW), meters)
    onsets = range(WINDOW - 1, 0, -1)
    weights = np.zeros((len(probes), WINDOW - 1, WINDOW * SIZE))
    d = np.zeros(weights.shape[:2])
    shapes = np.array([twin.probe(probe, scale) for probe in probes])
    for i, shape in enumerate(shapes):
        for j, onset in enumerate(onsets):
            step = np.concatenate([np.zeros(onset * SIZE), np.tile(shape, WINDOW - onset)])
            matched = np.linalg.solve(covariance, step)
            d[i, j] = math.sqrt(step @ matched)
            weights[i, j] = matched / d[i, j]
    change = 2 * (1 - twin.loads.memory) * loads + 2 * meters
    return Design(shapes, weights, d, change, 2 * loads + 2 * meters)
