"""The way from the meters to whoever watches them."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.types import HouseSite, MeterView


class Channel:
    """Loses readings of houses and brings all of them late. The head is wired: never lost."""

    def __init__(
        self,
        sites: tuple[HouseSite, ...],
        lost_share: float,
        delay_ticks: int,
    ) -> None:
        self._sites = sites
        self._lost_share = lost_share
        self._delay_ticks = delay_ticks
        self._waiting: deque[MeterView] = deque()

    def losses(self, rng: np.random.Generator) -> NDArray[np.bool_]:
        """Which readings of the next tick will be lost; shape (houses,)."""
        if not self._lost_share:
            return np.zeros(len(self._sites), dtype=bool)
        return rng.random(len(self._sites)) < self._lost_share

    def send(self, view: MeterView, lost: NDArray[np.bool_]) -> None:
        """Take what the meters of a tick have measured."""
        if lost.any():
            view = replace(
                view,
                v_pu=np.where(lost, np.nan, view.v_pu),
                p_kw=np.where(lost, np.nan, view.p_kw),
                q_kvar=np.where(lost, np.nan, view.q_kvar),
                last_gasp=view.last_gasp & ~lost,
            )
        self._waiting.append(view)

    def arrived(self, tick: int) -> MeterView:
        """The newest that has arrived by the end of this tick; what it is of, it says itself.

        NaN throughout before the first.
        """
        while len(self._waiting) > 1 and self._waiting[1].tick + self._delay_ticks <= tick:
            self._waiting.popleft()
        if not self._waiting or self._waiting[0].tick + self._delay_ticks > tick:
            nothing = np.full(len(self._sites), np.nan)
            none = np.zeros(len(self._sites), dtype=bool)
            return MeterView(
                *(tick, self._sites, nothing, nothing, nothing),
                last_gasp=none,
                measured_tick=min(tick, -1),
            )
        newest = self._waiting[0]
        return (
            newest if newest.tick == tick else replace(newest, tick=tick, measured_tick=newest.tick)
        )
