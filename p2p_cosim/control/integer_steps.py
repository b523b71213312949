"""Steps of many regulators at once: a mixed-integer linear program in place of a search.

With three regulators all combinations can be tried (`choice`); with seven there are 10^10. The
same question as a program: integers for the steps up and down, first the least excursion of the
worst house, then the fewest steps that keep it. HiGHS solves it (Q. Huangfu and J. A. J. Hall,
Mathematical Programming Computation 10 (2018) 119, doi:10.1007/s12532-017-0130-5).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.types import FloatArray

IntArray = NDArray[np.int64]

_LEAST_EFFECT_PU = 1e-7  # of a tap: below it a house is not reached
_SLACK_PU = 1e-8


def program_steps(
    v_pu: FloatArray,
    dv_dtap: FloatArray,
    low_pu: FloatArray,
    high_pu: FloatArray,
    least: IntArray,
    most: IntArray,
    most_in_all: int | None = None,
) -> tuple[IntArray, float]:
    """Steps of every regulator, and how far the worst reachable house stays outside then.

    v_pu: shape (cases, houses). dv_dtap: shape (houses, regulators). low_pu, high_pu: shape
    (houses,). least, most: shape (regulators,). most_in_all: limit on the sum of all steps.
    Houses that no regulator reaches count in neither.
    """
    reached = np.abs(dv_dtap).max(axis=1, initial=0.0) > _LEAST_EFFECT_PU
    if not reached.any():
        return np.zeros(len(least), dtype=np.int64), 0.0
    effect = np.tile(dv_dtap[reached], (len(v_pu), 1))
    before = v_pu[:, reached].ravel()
    low, high = np.tile(low_pu[reached], len(v_pu)), np.tile(high_pu[reached], len(v_pu))
    limits = (np.maximum(most, 0), np.maximum(-least, 0))
    problem = (effect, before, low, high, limits, most_in_all)
    outside = 0.0
    steps = _solve(*problem, _SLACK_PU)  # nearly always every house can be brought inside
    if steps is None:
        least_outside = _solve(*problem, None)
        outside = 0.0 if least_outside is None else float(least_outside[-1])
        steps = _solve(*problem, outside + _SLACK_PU)
    if steps is None:
        return np.zeros(len(least), dtype=np.int64), outside
    regulators = len(least)
    taken = np.rint(steps[:regulators] - steps[regulators : 2 * regulators]).astype(np.int64)
    return taken, outside


def _solve(
    effect: FloatArray,
    before: FloatArray,
    low: FloatArray,
    high: FloatArray,
    limits: tuple[IntArray, IntArray],
    most_in_all: int | None,
    outside: float | None,
) -> FloatArray | None:
    """Steps up, steps down and excursion: the least excursion, or, where that is given, the
    fewest steps that keep it; None if none do."""
    # Imported here, because only feeders of four regulators and more need it.
    from scipy.optimize import Bounds, LinearConstraint, milp

    up, down = limits
    count = len(up)
    beyond = np.ones((len(before), 1))
    rows = [
        LinearConstraint(np.hstack([effect, -effect, -beyond]), ub=high - before),
        LinearConstraint(np.hstack([effect, -effect, beyond]), lb=low - before),
    ]
    every = np.append(np.ones(2 * count), 0.0)
    if most_in_all is not None:
        rows.append(LinearConstraint(every[None, :], ub=most_in_all))
    excursion = np.append(np.zeros(2 * count), 1.0)
    found = milp(
        excursion if outside is None else every,
        integrality=every,
        bounds=Bounds(
            np.zeros(2 * count + 1),
            np.concatenate([up, down, [np.inf if outside is None else outside]]),
        ),
        constraints=rows,
    )
    return None if found.x is None else np.asarray(found.x, dtype=np.float64)
