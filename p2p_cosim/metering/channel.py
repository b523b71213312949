"""The way from the meters to whoever watches them."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.types import FloatArray, HouseSite, MeterView
from p2p_cosim.metering.last_gasp import LastGasp


class Channel:
    """Loses readings of houses and brings all of them late. The head is wired: never lost.

    last_gasp: None for meters that go on reporting from a supply of their own. Otherwise a dark one
    is silent after its last gasp, which is late by seconds however late readings are.
    """

    def __init__(
        self,
        sites: tuple[HouseSite, ...],
        lost_share: float,
        delay_ticks: int,
        last_gasp: LastGasp | None = None,
        gasp_rng: np.random.Generator | None = None,
    ) -> None:
        self._sites = sites
        self._lost_share = lost_share
        self._delay_ticks = delay_ticks
        self._waiting: deque[MeterView] = deque()
        self._last_gasp, self._gasp_rng = last_gasp, gasp_rng or np.random.default_rng(0)
        self._gasped_s: tuple[int, FloatArray] | None = None

    def losses(self, rng: np.random.Generator) -> NDArray[np.bool_]:
        """Which readings of the next tick will be lost; shape (houses,)."""
        if not self._lost_share:
            return np.zeros(len(self._sites), dtype=bool)
        return rng.random(len(self._sites)) < self._lost_share

    def send(self, view: MeterView, lost: NDArray[np.bool_]) -> None:
        """Take what the meters of a tick have measured."""
        if self._last_gasp is not None:
            times_s = self._last_gasp.times_s(len(self._sites), self._gasp_rng)
            self._gasped_s = view.tick, np.where(view.last_gasp, times_s, np.nan)
            lost = lost | (view.v_pu <= 0)
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
        view = self._readings(tick)
        if self._gasped_s is None or self._gasped_s[0] != tick:
            return view
        gasp_s = self._gasped_s[1]
        return replace(view, last_gasp=~np.isnan(gasp_s), gasp_s=gasp_s)

    def _readings(self, tick: int) -> MeterView:
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
