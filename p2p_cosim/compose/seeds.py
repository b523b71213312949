"""Where everything random descends from: the scenario's seed, by purpose.

Two runs of one seed that differ in strategies, mechanism, controller or submission draw the same
profiles, forecast errors, orders of arrival, faults and meter errors (common random numbers): no
purpose draws from the generator of another, and no draw of these depends on what happens in a run.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """First part of the spawn key; a second names a house or load by its place in the grid."""

    PROFILES = 0
    ARRIVAL = 1
    STRATEGIES = 2
    BULK_STRATEGIES = 3
    FORECASTS = 4
    BULK_FORECASTS = 5
    MODEL = 6
    DEVICES = 7
    VALUES = 8
    FAULTS = 101
    METERS = 102
    FEEDER_MODEL = 103
    HOSTING = 104
    LOAD_FORECASTS = 105
    LAST_GASPS = 106


def seed_of(seed: int, purpose: Purpose, *which: int) -> np.random.SeedSequence:
    """The seed of one purpose."""
    return np.random.SeedSequence(seed, spawn_key=(int(purpose), *which))


def rng_of(seed: int, purpose: Purpose, *which: int) -> np.random.Generator:
    """A generator of one purpose."""
    return np.random.default_rng(seed_of(seed, purpose, *which))
