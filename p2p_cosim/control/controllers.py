"""Controllers: hold, and the smallest change that brings the houses back inside the band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.types import ControlView, FloatArray, TapMove

TAP_STEP_PU = 0.00625  # 32 steps of 5/8 %, IEEE C57.15 step-voltage regulator


@dataclass(frozen=True, slots=True)
class VoltageBand:
    """Where house meters must stay, and how far a regulator may go.

    The defaults are ANSI C84.1 Range A and the whole tap range. A move aims `margin_pu`
    inside the band; the default is the accuracy of the feeder model itself.
    """

    v_min_pu: float = 0.95
    v_max_pu: float = 1.05
    margin_pu: float = 0.0002
    min_tap: int = -16
    max_tap: int = 16


class Hold:
    """Leaves the taps where they are."""

    name = "hold"

    def decide(self, view: ControlView) -> Sequence[TapMove]:  # noqa: ARG002
        """No moves."""
        return ()


class SmallestChange:
    """Moves each regulator by the fewest steps that bring its houses inside the band.

    Reactive: it judges the meters of the tick before. It acts on a phase only when a
    house there is outside the band. Voltages after a move are predicted by the ratio of
    the regulator's turns, v * (1 + s tap') / (1 + s tap) with s = 0.00625. Constant-power
    loads make the real change a little larger. If no tap brings every house of the phase
    inside, the tap with the smallest remaining excursion is taken.
    """

    name = "smallest_change"

    def __init__(self, band: VoltageBand | None = None) -> None:
        self.band = band or VoltageBand()

    def decide(self, view: ControlView) -> Sequence[TapMove]:
        """At most one move a regulator."""
        moves = (
            self._decide_phase(view, regulator, phase)
            for regulator, phase in view.regulator_phases.items()
        )
        return tuple(move for move in moves if move is not None)

    def _decide_phase(self, view: ControlView, regulator: str, phase: str) -> TapMove | None:
        meters, band = view.meters, self.band
        served = [i for i, site in enumerate(meters.sites) if site.phase == phase]
        energised = [i for i in served if meters.v_pu[i] > 0]
        if not energised:
            return None
        v_pu = meters.v_pu[energised]
        excursion = _excursion_pu(v_pu, band.v_min_pu, band.v_max_pu)
        if excursion.max() <= 0:
            return None
        tap = view.taps[regulator]
        new_tap = self._choose_tap(v_pu, tap)
        if new_tap == tap:
            return None
        worst = int(np.argmax(excursion))
        predicted = _predict(v_pu, tap, new_tap)[worst]
        house = meters.sites[energised[worst]].name
        limit = band.v_max_pu if v_pu[worst] > band.v_max_pu else band.v_min_pu
        side = "above" if v_pu[worst] > band.v_max_pu else "below"
        return TapMove(
            regulator,
            new_tap,
            f"{house} at {v_pu[worst]:.4f} pu {side} {limit:g} at tick {meters.tick}: "
            f"tap {tap:+d} to {new_tap:+d} predicts {predicted:.4f} pu",
        )

    def _choose_tap(self, v_pu: FloatArray, tap: int) -> int:
        """The tap with the least excursion from the inner band; fewest steps break ties."""
        band = self.band
        low, high = band.v_min_pu + band.margin_pu, band.v_max_pu - band.margin_pu

        def cost(candidate: int) -> tuple[float, int, int]:
            after = _predict(v_pu, tap, candidate)
            left = max(0.0, float(_excursion_pu(after, low, high).max()))
            return round(left, 9), abs(candidate - tap), candidate

        return min(range(band.min_tap, band.max_tap + 1), key=cost)


def _predict(v_pu: FloatArray, tap: int, new_tap: int) -> FloatArray:
    return v_pu * ((1 + TAP_STEP_PU * new_tap) / (1 + TAP_STEP_PU * tap))


def _excursion_pu(v_pu: FloatArray, low: float, high: float) -> FloatArray:
    """How far each voltage is outside [low, high]; negative inside."""
    return np.maximum(v_pu - high, low - v_pu)
