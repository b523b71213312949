"""Where voltages must stay, and how far a regulator may go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.defaults import MARGIN_PU
from p2p_cosim.core.limits import MAX_TAP, V_MAX_PU, V_MIN_PU
from p2p_cosim.core.types import FloatArray

SET_POINT_PU = 122 / 120  # set point of the published regulator controls, on their 120 V base


@dataclass(frozen=True, slots=True)
class VoltageBand:
    """Where house meters must stay, and how far a regulator may go.

    The defaults are ANSI C84.1 Range A and the whole tap range. A move aims `margin_pu`
    inside the band.
    """

    v_min_pu: float = V_MIN_PU
    v_max_pu: float = V_MAX_PU
    margin_pu: float = MARGIN_PU
    min_tap: int = -MAX_TAP
    max_tap: int = MAX_TAP


def excursion_pu(v_pu: FloatArray, low: FloatArray | float, high: FloatArray | float) -> FloatArray:
    """How far each voltage is outside [low, high]; negative inside."""
    return np.maximum(v_pu - high, low - v_pu)
