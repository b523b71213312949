"""The clearness of the sky within a day: patches of cloud that pass over all houses.

Over a house the sky is cloudy while a random process, shared by the region but for a part of
its own, is below the level that gives the day its share of cloud. Edges of clouds are soft.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from scipy.special import ndtr, ndtri

from p2p_cosim.core.types import FloatArray
from p2p_cosim.scenario.profiles.rngs import CLOUDS, HOUSES, REGION, SKY, draws_of_days
from p2p_cosim.scenario.profiles.weather.cells import CELL_MIN, CELLS_PER_DAY
from p2p_cosim.scenario.profiles.weather.decay import decaying

_SLOW_H, _FAST_H = 3.0, 0.15
"""How long the weather of an hour and a single cloud last; chosen so that ramps of a quarter
hour come out as measured (docs/profiles.md)."""
_SLOW_SHARE = 0.5  # of the variance
_OWN_SHARE = 0.15  # of the fast part: houses within a kilometre see almost the same clouds
_EDGE = 0.25  # width of a cloud's edge in units of the process
CLEAR = 1.02
"""Clearness between clouds: a little above the clear sky's, because clouds scatter light."""
_THICK, _THIN = 0.08, 0.50
"""Clearness under the thickest and the thinnest cloud; each day has one between."""


class Sky:
    """The sky over a region, and over each of its houses.

    dates: the days. cloudiness: shape (days,), share of each day's sky under cloud. seed: of the
    profiles.
    """

    def __init__(
        self, dates: Sequence[date], cloudiness: FloatArray, seed: np.random.SeedSequence
    ) -> None:
        self._dates, self._seed = dates, seed
        slow, fast, thickness = np.split(
            draws_of_days(seed, (REGION, CLOUDS), dates, 2 * CELLS_PER_DAY + 1),
            [CELLS_PER_DAY, 2 * CELLS_PER_DAY],
            axis=1,
        )
        self._slow, self._fast = _process(slow, _SLOW_H), _process(fast, _FAST_H)
        under = _THIN + (_THICK - _THIN) * ndtr(thickness[:, 0]) * cloudiness
        self._under = np.repeat(under, CELLS_PER_DAY)
        self._level = np.repeat(ndtri(np.clip(cloudiness, 1e-6, 1 - 1e-6)), CELLS_PER_DAY)

    def over_region(self) -> FloatArray:
        """Shape (cells,): global irradiance as a share of the clear sky's."""
        return self._clearness(self._fast)

    def over_house(self, house: int) -> FloatArray:
        """Shape (cells,): as `over_region`, with a part of the clouds of its own."""
        draws = draws_of_days(self._seed, (HOUSES, house, SKY), self._dates, CELLS_PER_DAY)
        own = _process(draws, _FAST_H)
        return self._clearness(np.sqrt(1 - _OWN_SHARE) * self._fast + np.sqrt(_OWN_SHARE) * own)

    def _clearness(self, fast: FloatArray) -> FloatArray:
        process = np.sqrt(_SLOW_SHARE) * self._slow + np.sqrt(1 - _SLOW_SHARE) * fast
        cover = 1 / (1 + np.exp((process - self._level) / _EDGE))
        clearness: FloatArray = CLEAR + (self._under - CLEAR) * cover
        return clearness


def _process(draws: FloatArray, memory_h: float) -> FloatArray:
    """Shape (cells,): from shape (days, cells of a day), a stationary Ornstein-Uhlenbeck process
    of unit variance that begins anew every midnight."""
    keep = float(np.exp(-CELL_MIN / 60 / memory_h))
    fresh = np.sqrt(1 - keep**2) * draws
    fresh[:, 0] = draws[:, 0]
    return np.concatenate([decaying(day, keep) for day in fresh])
