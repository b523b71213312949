"""Simulated meters: what they measure, count and report of a solved feeder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.fault_kinds import SLOW_THEFT
from p2p_cosim.core.types import (
    Fault,
    FloatArray,
    GridState,
    HouseSite,
    MeterView,
    Reading,
    Step,
)
from p2p_cosim.metering.channel import Channel
from p2p_cosim.metering.last_gasp import LastGasp
from p2p_cosim.metering.quality import PERFECT, MeterQuality
from p2p_cosim.metering.register import Registers

LYING_SHARE = 0.5
"""What a lying meter reports of the house's power: a bypass of half the load. Slow theft comes
to as much in its last tick."""


class SimulatedMetering(Brief):
    """A `Metering` of a solved feeder.

    Houses measure v, p and q. What a meter measures, with its noise and its lie, is what it
    counts and what it reports, so that a lying meter is billed as it lies. A meter keeps
    reporting 0 V from a supply of its own while the house is dark, and marks the first such
    reading as its last gasp, unless it is told what a `LastGasp` is. The meters of the published
    loads and of the head report without loss; those of the loads without noise too.
    """

    def __init__(
        self,
        sites: tuple[HouseSite, ...],
        regulators: Sequence[str] = (),
        bulk: Mapping[str, int] | None = None,
        quality: MeterQuality = PERFECT,
        rng: np.random.Generator | None = None,
        head_v_pu: float = 1.0,
        last_gasp: LastGasp | None = None,
        gasp_rng: np.random.Generator | None = None,
    ) -> None:
        """sites, regulators: in the grid's order. bulk: by the name of a published load that
        trades, its place among the loads. head_v_pu: voltage of the source bus. last_gasp: how
        they arrive, see `Channel`, drawn from gasp_rng."""
        self.quality = quality
        self.rng = rng or np.random.default_rng(0)
        self._sites, self._regulators = sites, tuple(regulators)
        self._bulk = dict(bulk or {})
        self._head_v_pu = head_v_pu
        self._lying: list[Fault] = []
        self._dark: NDArray[np.bool_] | None = None
        self._registers = Registers([*(site.name for site in sites), *self._bulk])
        self._channel = Channel(sites, quality.lost_share, quality.delay_ticks, last_gasp, gasp_rng)

    def apply(self, fault: Fault) -> None:
        """Let the meter of a house lie."""
        self._lying.append(fault)

    def clear(self, fault: Fault) -> None:
        """Put a good meter in its place."""
        self._lying.remove(fault)

    def measure(self, step: Step, state: GridState) -> None:
        """Measure a step, count its energy and send what was measured."""
        # A look before the run has errors of its own: those of the ticks do not depend on it.
        rng = self.rng if step.seconds > 0 else self.rng.spawn(1)[0]
        lost = self._channel.losses(rng)
        view = self._measured(step.tick, state, rng)
        bulk_p_kw = state.spot_p_kw[list(self._bulk.values())]
        self._registers.count(np.concatenate([view.p_kw, bulk_p_kw]), step.seconds)
        self._channel.send(view, lost)

    def arrived(self, tick: int) -> MeterView:
        """What the channel has brought by the end of this tick."""
        return self._channel.arrived(tick)

    def readings(self) -> list[Reading]:
        """What the registers have counted since the last time: houses, then published loads."""
        return self._registers.read()

    def _shares(self, tick: int) -> FloatArray:
        """Of its power that each meter reports, shape (houses,)."""
        told = {fault.place: _share(fault, tick) for fault in self._lying}
        return np.array([told.get(site.name, 1.0) for site in self._sites])

    def _measured(self, tick: int, state: GridState, rng: np.random.Generator) -> MeterView:
        quality, houses = self.quality, len(self._sites)
        share = self._shares(tick)
        p_kw, q_kvar = _power(
            state.house_p_kw * share, state.house_q_kvar * share, quality.p_noise, rng
        )
        dark = state.house_v_pu <= 0
        v_pu = state.house_v_pu
        if quality.v_noise_pu:
            noise = quality.v_noise_pu * rng.standard_normal(houses)
            v_pu = np.where(dark, 0.0, np.maximum(v_pu + noise, 0.0))
        head_p_kw, head_q_kvar = _power(state.head_p_kw, state.head_q_kvar, quality.head_noise, rng)
        gasp = dark if self._dark is None else dark & ~self._dark
        self._dark = dark
        return MeterView(
            *(tick, self._sites, v_pu, p_kw, q_kvar),
            last_gasp=gasp,
            head_p_kw=head_p_kw,
            head_q_kvar=head_q_kvar,
            head_v_pu=np.full(3, state.source_v_pu or self._head_v_pu),
            taps=dict(zip(self._regulators, state.taps, strict=True)),
        )


def _share(fault: Fault, tick: int) -> float:
    if fault.kind != SLOW_THEFT:
        return LYING_SHARE
    passed = (tick - fault.start_tick + 1) / (fault.end_tick - fault.start_tick)
    return 1 - (1 - LYING_SHARE) * min(max(passed, 0.0), 1.0)


def _power(
    p_kw: FloatArray, q_kvar: FloatArray, noise: float, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    if not noise:
        return p_kw, q_kvar
    errors = noise * rng.standard_normal((2, len(p_kw))) * np.hypot(p_kw, q_kvar)
    return p_kw + errors[0], q_kvar + errors[1]
