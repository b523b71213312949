"""What meters count: energy, read in whole Wh."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from p2p_cosim.core.types import FloatArray, Reading
from p2p_cosim.core.units import energy_wh, whole_wh


class Registers:
    """A register for each of these traders: the integral of what its meter measures.

    What is not a whole Wh when it is read is carried on, so that over any time the readings
    sum to what was counted within half a Wh.
    """

    def __init__(self, traders: Sequence[str]) -> None:
        self._traders = tuple(traders)
        self._counted_wh: FloatArray = np.zeros(len(self._traders))

    def count(self, p_kw: FloatArray, seconds: float) -> None:
        """Add a power that lasted so long; shape (traders,)."""
        self._counted_wh = self._counted_wh + energy_wh(p_kw, seconds)

    def read(self) -> list[Reading]:
        """What was counted since the last reading, in the order of the traders.

        Raises ValueError if it is not finite.
        """
        whole = [whole_wh(counted) for counted in self._counted_wh.tolist()]
        self._counted_wh = self._counted_wh - np.array(whole, dtype=float)
        return [Reading(name, wh) for name, wh in zip(self._traders, whole, strict=True)]
