"""A first-order filter: what is there fades, and something comes in."""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from p2p_cosim.core.types import FloatArray


def decaying(fresh: FloatArray, keep: float, before: float = 0.0) -> FloatArray:
    """Shape (n,): y[i] = keep * y[i - 1] + fresh[i], with `before` as the value ahead of the first.

    fresh: shape (n,). It is `scipy.signal.lfilter([1], [1, -keep], fresh)` to the last digit,
    written out because importing scipy.signal takes most of a second, which every run would pay.
    """
    steps = accumulate(fresh.tolist(), lambda y, x: keep * y + x, initial=before)
    next(steps)
    return np.fromiter(steps, dtype=np.float64, count=len(fresh))
