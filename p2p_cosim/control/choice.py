"""Which taps to take: the fewest steps that bring every house where it must be."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.control.band import excursion_pu
from p2p_cosim.control.integer_steps import program_steps
from p2p_cosim.core.types import FloatArray

IntArray = NDArray[np.int64]

# All combinations of three regulators over their whole range are 33**3 = 35937. With more
# regulators the search is a program (`integer_steps`).
MAX_COMBINATIONS = 40_000
MAX_SEARCHED = 3
_NEARBY_STEPS = 11  # in all, of the combinations of three regulators that are tried first
_FEW = 2_000  # combinations to try first: nearly every choice is among them
_EPS_PU = 1e-9


def fewest_steps(
    v_pu: FloatArray,
    dv_dtap: FloatArray,
    low_pu: FloatArray,
    high_pu: FloatArray,
    least: IntArray,
    most: IntArray,
    *,
    nearby: bool = False,
) -> tuple[IntArray, float]:
    """Steps of every regulator, and how far the worst house stays outside then (0 if inside).

    v_pu: shape (cases, houses), voltages without a move; all cases must be inside.
    dv_dtap: shape (houses, regulators). low_pu, high_pu: shape (houses,).
    least, most: shape (regulators,), steps that each regulator may go.
    nearby: try only the 2000 combinations with the fewest steps (three regulators: 11 in all).

    Of the combinations that bring all houses inside, the one with the fewest steps in all;
    if there is none, the one with the least excursion. Ties go to the smaller excursion of
    the two, then to the more even combination.
    """
    if not 1 <= len(least) <= MAX_SEARCHED:
        most_in_all = _NEARBY_STEPS if nearby else None
        return program_steps(v_pu, dv_dtap, low_pu, high_pu, least, most, most_in_all)
    best: tuple[float, int] | None = None
    steps = np.zeros(len(least), dtype=np.int64)
    for block in _blocks(len(least))[: 1 if nearby else 2]:
        allowed = block[((block >= least) & (block <= most)).all(axis=1)]
        if not len(allowed):
            continue
        after = v_pu[:, None, :] + (allowed @ dv_dtap.T)[None, :, :]
        outside = np.maximum(excursion_pu(after, low_pu, high_pu).max(axis=(0, 2)), 0.0)
        outside[outside < _EPS_PU] = 0.0
        first = int(np.argmin(outside))  # the earliest of equals, so the one with fewest steps
        if best is None or outside[first] < best[0] - _EPS_PU:
            best, steps = (float(outside[first]), first), allowed[first]
        if best[0] == 0.0:
            break
    return steps, best[0] if best else 0.0


@lru_cache(maxsize=4)
def _blocks(regulators: int) -> tuple[IntArray, IntArray]:
    """Combinations of steps, fewest in all first, in two blocks."""
    span = min(32, int(MAX_COMBINATIONS ** (1 / max(regulators, 1)) - 1) // 2)
    axes = np.meshgrid(*[np.arange(-span, span + 1)] * regulators, indexing="ij")
    combinations = np.stack([axis.ravel() for axis in axes], axis=1)
    sizes = np.abs(combinations)
    order = np.lexsort((sizes.max(axis=1), sizes.sum(axis=1)))
    ordered = combinations[order]
    return ordered[:_FEW], ordered[_FEW:]
