"""Which houses are without supply, as far as meters tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.limits import INTERRUPTION_PU
from p2p_cosim.core.types import Alarm, HouseSite, MeterView

_NEVER = -2  # before the look at the meters that comes before the run


class DarkHouses:
    """Remembers who is dark, so that each outage and each return is told once.

    A house keeps its outage while it is fed through its tie, and while its readings are
    missing: a meter that cannot be read says nothing new about its house. A last gasp is as good
    as a reading, and readings of before it that come late say nothing against it.

    now, silent: who is dark, and of whom that is known by a last gasp alone; shape (houses,).
    """

    def __init__(self, sites: Sequence[HouseSite], threshold_v_pu: float = INTERRUPTION_PU) -> None:
        """threshold_v_pu: below this a house is dark."""
        self._threshold_v_pu = threshold_v_pu
        self._names = [site.name for site in sites]
        self.now: NDArray[np.bool_] = np.zeros(len(sites), dtype=bool)
        self.silent: NDArray[np.bool_] = np.zeros(len(sites), dtype=bool)
        self._gasped = np.full(len(sites), _NEVER)  # tick of the newest last gasp

    def update(self, meters: MeterView) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Houses that are newly dark, and that are newly back; both of shape (houses,)."""
        on_tie = np.array([name in meters.on_tie for name in self._names], dtype=bool)
        if meters.last_gasp.size:
            self._gasped = np.where(meters.last_gasp, meters.tick, self._gasped)
        read = ~meters.missing & (meters.of_tick > self._gasped)
        gasps = self._gasped == meters.tick
        dark = np.where(read, (meters.v_pu < self._threshold_v_pu) | on_tie, self.now | gasps)
        before, self.now = self.now, dark
        self.silent = dark & ~read & ~on_tie & (self._gasped > _NEVER)
        return dark & ~before, before & ~dark

    def told(self, meters: MeterView) -> MeterView:
        """The same readings, with 0 V of those whose last gasp says so."""
        if not self.silent.any():
            return meters
        return replace(
            meters,
            v_pu=np.where(self.silent, 0.0, meters.v_pu),
            p_kw=np.where(self.silent, 0.0, meters.p_kw),
            q_kvar=np.where(self.silent, 0.0, meters.q_kvar),
        )


def house_alarms(
    kind: str, houses: NDArray[np.bool_], meters: MeterView, detector: str
) -> tuple[Alarm, ...]:
    """One alarm of this kind for each marked house."""
    times_s = _gasp_times_s(meters)
    return tuple(
        Alarm(
            *(meters.tick, kind, site.name, detector),
            first_tick=meters.of_tick if known_s is None else meters.tick,
            known_s=known_s,
        )
        for site, marked, known_s in zip(meters.sites, houses, times_s, strict=True)
        if marked
    )


def _gasp_times_s(meters: MeterView) -> list[float | None]:
    if meters.gasp_s is None:
        return [None] * len(meters.sites)
    return [None if math.isnan(s) else round(s, 1) for s in meters.gasp_s.tolist()]
