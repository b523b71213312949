"""Where voltages must stay, and how far a regulator may go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.types import FloatArray

SET_POINT_PU = 122 / 120  # set point of the published regulator controls, on their 120 V base


@dataclass(frozen=True, slots=True)
class VoltageBand:
    """Where house meters must stay, and how far a regulator may go.

    The defaults are ANSI C84.1 Range A and the whole tap range. A move aims `margin_pu`
    inside the band; the default is the accuracy of the feeder model itself.
    """

    v_min_pu: float = 0.95
    v_max_pu: float = 1.05
    margin_pu: float = 0.0002
    min_tap: int = -16
    max_tap: int = 16


def excursion_pu(v_pu: FloatArray, low: FloatArray | float, high: FloatArray | float) -> FloatArray:
    """How far each voltage is outside [low, high]; negative inside."""
    return np.maximum(v_pu - high, low - v_pu)
