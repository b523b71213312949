"""Arrays in and out of the engine: checked before, and by name after."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import FloatArray, Injections

_DARK_PU = 1e-6


def checked(injections: Injections, houses: int, loads: int) -> Injections:
    """A copy of their own, so that nobody changes it from outside.

    Raises GridError for arrays of another shape than (houses,), a scale that is negative, not a
    number, or neither one nor one for each published load, and a voltage that is no such.
    """
    p_kw = np.array(injections.house_p_kw, dtype=np.float64)
    q_kvar = np.array(injections.house_q_kvar, dtype=np.float64)
    if not p_kw.shape == q_kvar.shape == (houses,):
        raise GridError(
            f"house_p_kw and house_q_kvar have shapes {p_kw.shape} and {q_kvar.shape}: "
            f"give {(houses,)}, one value per house"
        )
    scale = np.array(injections.spot_scale, dtype=np.float64)
    if scale.shape not in ((), (loads,)):
        raise GridError(
            f"spot_scale has shape {scale.shape}: give one number, or "
            f"{(loads,)}, one for each published load"
        )
    if not ((scale >= 0) & (scale < math.inf)).all():
        raise GridError(
            f"spot_scale {injections.spot_scale} is not a number from 0: correct the profile"
        )
    head_v_pu = injections.source_v_pu
    if head_v_pu is not None and not 0 < head_v_pu < math.inf:
        raise GridError(f"source_v_pu {head_v_pu} is not a positive number: correct the series")
    return replace(
        injections,
        house_p_kw=p_kw,
        house_q_kvar=q_kvar,
        spot_scale=scale if scale.ndim else float(scale),
    )


def farthest(
    v_pu: FloatArray, names: Sequence[str], supplied: NDArray[np.bool_]
) -> tuple[str, float]:
    """Name and voltage in pu of what is farthest from nominal and not dark; houses, the last of
    the names, only if they are supplied."""
    alive = np.concatenate([np.ones(len(names) - len(supplied), dtype=bool), supplied])
    alive &= ~(v_pu < _DARK_PU)
    worst = int(np.where(alive, np.abs(v_pu - 1), 0).argmax())
    return names[worst], float(v_pu[worst])
