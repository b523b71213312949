"""Which houses have PV."""

from __future__ import annotations

import numpy as np

from p2p_cosim.scenario.profiles.rngs import HOUSES, PV_RANK, rng_at


def pv_houses(count: int, pv_share: float, seed: np.random.SeedSequence) -> tuple[int, ...]:
    """Indices of the `round(pv_share * count)` houses that have PV, ascending.

    Every house draws a rank of its own, and the lowest ranks have PV.
    """
    ranks = [rng_at(seed, HOUSES, i, PV_RANK).random() for i in range(count)]
    chosen = np.argsort(ranks, kind="stable")[: round(pv_share * count)]
    return tuple(sorted(int(i) for i in chosen))
