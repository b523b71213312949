"""Generators by their place in the tree of seeds, so that none depends on how many others draw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from p2p_cosim.core.types import FloatArray

# Places below the profiles' seed. Changing one changes every generated profile.
REGION, HOUSES = 0, 1
LOAD, PV_RANK, SKY, PARK, ARRAY = 0, 1, 2, 3, 4
DAYS, CLOUDS, TEMPERATURE = 1, 2, 3


def rng_at(seed: np.random.SeedSequence, *place: int) -> np.random.Generator:
    """The generator at a place in the tree below `seed`, as spawning would make it."""
    child = np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, *place))
    return np.random.default_rng(child)


def draws_of_days(
    seed: np.random.SeedSequence, place: tuple[int, ...], dates: Sequence[date], *size: int
) -> FloatArray:
    """Shape (days, *size): standard normal draws that belong to each date."""
    return np.stack([rng_at(seed, *place, day.toordinal()).standard_normal(size) for day in dates])
