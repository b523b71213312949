"""Between the grid and whoever watches it: what meters report, how well, and how late."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import Fault, FloatArray, GridState, HouseSite, MeterView

LYING_SHARE = 0.5
"""What a lying meter reports of the house's power: a bypass of half the load."""


@dataclass(frozen=True, slots=True)
class MeterQuality:
    """How good the readings are. The default is perfect.

    v_noise_pu: standard deviation of a voltage reading. p_noise: of a house's P and Q,
    relative to its apparent power. head_noise: of the head's P and Q, relative to the
    phase's apparent power. lost_share: probability that a house's reading does not arrive.
    delay_ticks: by which all readings come late.
    """

    v_noise_pu: float = 0.0
    p_noise: float = 0.0
    head_noise: float = 0.0
    lost_share: float = 0.0
    delay_ticks: int = 0

    def __post_init__(self) -> None:
        for name in ("v_noise_pu", "p_noise", "head_noise", "lost_share"):
            value = getattr(self, name)
            if not (math.isfinite(value) and 0 <= value <= 1):
                raise InputError(f"{name} {value} is outside 0 to 1: correct it")
        if self.delay_ticks < 0:
            raise InputError(f"delay_ticks {self.delay_ticks} is negative: give 0 or more")


TYPICAL = MeterQuality(v_noise_pu=0.001, p_noise=0.005, head_noise=0.002)
"""Random errors of common equipment, as one standard deviation: voltage 0.1 %, power of a
house 0.5 % (a class 0.5 meter of ANSI C12.20), power at the head 0.2 % (a class 0.2 meter)."""

_FIELDS = ("v_pu", "p_kw", "q_kvar", "last_gasp", "head_p_kw", "head_q_kvar", "head_v_pu", "taps")


class Metering:
    """Reads the grid once a tick and hands on what arrived.

    Houses report v, p and q. A meter keeps reporting 0 V from a supply of its own while the
    house is dark, and marks the first such reading as its last gasp. A reading that is lost
    is NaN, never 0. The head is wired to the control room: it has noise and delay, no loss.
    """

    def __init__(
        self,
        quality: MeterQuality | None = None,
        rng: np.random.Generator | None = None,
        head_v_pu: float = 1.0,
    ) -> None:
        """head_v_pu: voltage of the source bus."""
        self.quality = quality or MeterQuality()
        self.rng = rng or np.random.default_rng(0)
        self._head_v_pu = head_v_pu
        self._lying: list[str] = []
        self._dark: np.ndarray | None = None
        self._waiting: deque[MeterView] = deque()

    def apply(self, fault: Fault) -> None:
        """Let the meter of a house lie."""
        self._lying.append(fault.place)

    def clear(self, fault: Fault) -> None:
        """Put a good meter in its place."""
        self._lying.remove(fault.place)

    def read(
        self, tick: int, sites: tuple[HouseSite, ...], state: GridState, taps: Mapping[str, int]
    ) -> MeterView:
        """The view at the end of this tick; to be called once a tick, in order.

        With a delay it holds the readings of an earlier tick (`MeterView.of_tick`), and NaN
        throughout before the first have arrived.
        """
        self._waiting.append(self._measure(tick, sites, state, taps))
        if len(self._waiting) <= self.quality.delay_ticks:
            nothing = np.full(len(sites), np.nan)
            return MeterView(tick, sites, nothing, nothing, nothing, measured_tick=-1)
        measured = self._waiting.popleft()
        if measured.tick == tick:
            return measured
        fields = {name: getattr(measured, name) for name in _FIELDS}
        return MeterView(tick, sites, measured_tick=measured.tick, **fields)

    def _measure(
        self, tick: int, sites: tuple[HouseSite, ...], state: GridState, taps: Mapping[str, int]
    ) -> MeterView:
        quality = self.quality
        dark = state.house_v_pu <= 0
        lost = (
            self.rng.random(len(sites)) < quality.lost_share
            if quality.lost_share
            else np.zeros_like(dark)
        )
        truth = np.array([site.name in self._lying for site in sites])
        share = np.where(truth, LYING_SHARE, 1.0)
        p_kw, q_kvar = self._power(
            state.house_p_kw * share, state.house_q_kvar * share, quality.p_noise
        )
        v_pu = state.house_v_pu
        if quality.v_noise_pu:
            noise = quality.v_noise_pu * self.rng.standard_normal(len(sites))
            v_pu = np.where(dark, 0.0, np.maximum(v_pu + noise, 0.0))
        head_p_kw, head_q_kvar = self._power(state.head_p_kw, state.head_q_kvar, quality.head_noise)
        gasp = dark if self._dark is None else dark & ~self._dark
        self._dark = dark
        return MeterView(
            tick,
            sites,
            np.where(lost, np.nan, v_pu),
            np.where(lost, np.nan, p_kw),
            np.where(lost, np.nan, q_kvar),
            last_gasp=gasp & ~lost,
            head_p_kw=head_p_kw,
            head_q_kvar=head_q_kvar,
            head_v_pu=np.full(3, self._head_v_pu),
            taps=dict(taps),
        )

    def _power(
        self, p_kw: FloatArray, q_kvar: FloatArray, noise: float
    ) -> tuple[FloatArray, FloatArray]:
        if not noise:
            return p_kw, q_kvar
        errors = noise * self.rng.standard_normal((2, len(p_kw))) * np.hypot(p_kw, q_kvar)
        return p_kw + errors[0], q_kvar + errors[1]
