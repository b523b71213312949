"""Which houses are without supply, as far as meters tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.limits import INTERRUPTION_PU
from p2p_cosim.core.types import Alarm, HouseSite, MeterView


class DarkHouses:
    """Remembers who is dark, so that each outage and each return is told once.

    A house keeps its outage while it is fed through its tie, and while its readings are
    missing: a meter that cannot be read says nothing new about its house.
    """

    def __init__(self, sites: Sequence[HouseSite], threshold_v_pu: float = INTERRUPTION_PU) -> None:
        """threshold_v_pu: below this a house is dark."""
        self._threshold_v_pu = threshold_v_pu
        self._names = [site.name for site in sites]
        self.now: NDArray[np.bool_] = np.zeros(len(sites), dtype=bool)

    def update(self, meters: MeterView) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Houses that are newly dark, and that are newly back; both of shape (houses,)."""
        on_tie = np.array([name in meters.on_tie for name in self._names], dtype=bool)
        dark = np.where(meters.missing, self.now, (meters.v_pu < self._threshold_v_pu) | on_tie)
        before, self.now = self.now, dark
        return dark & ~before, before & ~dark


def house_alarms(
    kind: str, houses: NDArray[np.bool_], meters: MeterView, detector: str
) -> tuple[Alarm, ...]:
    """One alarm of this kind for each marked house."""
    return tuple(
        Alarm(meters.tick, kind, site.name, detector, first_tick=meters.of_tick)
        for site, marked in zip(meters.sites, houses, strict=True)
        if marked
    )
