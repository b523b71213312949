"""When an interval's power flows are, and what else than houses each is solved with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.types import FloatArray, GridState, Injections, PartOfTick, Power, Step


class PowerFlows(Brief):
    """The power flows of a run.

    interval_s: length of an interval. count: power flows in each. spot_scale: shape
    (ticks x count,) or (ticks x count, spot loads), multiplies the published loads.
    source_v_pu: shape (ticks x count,), voltage at the head; None if it is always the same.
    """

    def __init__(
        self,
        interval_s: int,
        spot_scale: FloatArray,
        count: int = 1,
        source_v_pu: FloatArray | None = None,
    ) -> None:
        self._interval_s = interval_s
        self._count = count
        self._spot_scale = spot_scale
        self._source_v_pu = source_v_pu
        self._capacitors: tuple[int, ...] = ()

    def whole(self, tick: int) -> Step:
        """An interval as one step."""
        return Step(tick, float(self._interval_s))

    def of(self, tick: int) -> list[Step]:
        """An interval as its power flows."""
        part_s = self._interval_s / self._count
        return [Step(tick, part_s, i * part_s) for i in range(self._count)]

    def injections(self, step: Step, drawn: Sequence[Power]) -> Injections:
        """What a power flow is solved with. drawn: by house."""
        part = step.tick * self._count + int(step.offset_s * self._count // self._interval_s)
        scale, series = self._spot_scale[part], self._source_v_pu
        return Injections(
            house_p_kw=np.array([power.p_kw for power in drawn], dtype=float),
            house_q_kvar=np.array([power.q_kvar for power in drawn], dtype=float),
            spot_scale=scale if self._spot_scale.ndim > 1 else float(scale),
            source_v_pu=None if series is None else float(series[part]),
            at_s=self._at_s(step),
        )

    def part(self, step: Step, state: GridState, taps: Sequence[int]) -> PartOfTick:
        """A power flow with what the feeder's own controls moved in it. taps: before it."""
        capacitors, self._capacitors = self._capacitors or state.capacitors, state.capacitors
        return PartOfTick(
            step.offset_s,
            state,
            sum(new != old for new, old in zip(state.taps, taps, strict=True)),
            sum(new != old for new, old in zip(state.capacitors, capacitors, strict=True)),
        )

    def _at_s(self, step: Step) -> float | None:
        """The end of a part, as the engine's own series over time count it; of a look, 0."""
        if self._count == 1:
            return None
        length_s = step.seconds if step.seconds < self._interval_s else 0.0
        return step.tick * self._interval_s + step.offset_s + length_s
