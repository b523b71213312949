"""Controllers that know nothing of the coming interval: hold, and reactive."""

from __future__ import annotations

import numpy as np

from p2p_cosim.control.band import VoltageBand, excursion_pu
from p2p_cosim.control.forecast import BoolArray
from p2p_cosim.core.limits import TAP_STEP_PU
from p2p_cosim.core.types import ControlView, Decision, FloatArray, TapMove


class Hold:
    """Leaves the taps where they are."""

    name = "hold"

    def decide(self, view: ControlView) -> Decision:  # noqa: ARG002
        """No moves."""
        return Decision()


class Reactive:
    """Moves each regulator by the fewest steps that bring its houses inside the band.

    Reactive: it judges the meters of the tick before. It acts on a phase only when a
    house there is outside the band. Voltages after a move are predicted by the ratio of
    the regulator's turns, v * (1 + s tap') / (1 + s tap) with s = 0.00625. Constant-power
    loads make the real change a little larger. If no tap brings every house of the phase
    inside, the tap with the smallest remaining excursion is taken.

    What it predicts for the interval is the last meters, changed by its moves.
    """

    name = "reactive"

    def __init__(self, band: VoltageBand | None = None) -> None:
        self.band = band or VoltageBand()

    def decide(self, view: ControlView) -> Decision:
        """At most one move a regulator."""
        moves = []
        predicted_v_pu = view.meters.v_pu.copy()
        for regulator, phase in view.regulator_phases.items():
            served = np.array([site.phase == phase for site in view.meters.sites], dtype=bool)
            move = self._decide_phase(view, regulator, served & (view.meters.v_pu > 0))
            if move is not None:
                moves.append(move)
                predicted_v_pu[served] = _predict(
                    predicted_v_pu[served], view.taps[regulator], move.tap
                )
        return Decision(
            moves=tuple(moves),
            expected_p_kw=view.meters.p_kw,
            predicted_v_pu=predicted_v_pu,
        )

    def _decide_phase(
        self,
        view: ControlView,
        regulator: str,
        energised: BoolArray,
    ) -> TapMove | None:
        meters, band = view.meters, self.band
        if not energised.any():
            return None
        v_pu = meters.v_pu[energised]
        excursion = excursion_pu(v_pu, band.v_min_pu, band.v_max_pu)
        if excursion.max() <= 0:
            return None
        tap = view.taps[regulator]
        new_tap = self._choose_tap(v_pu, tap)
        if new_tap == tap:
            return None
        worst = int(np.argmax(excursion))
        predicted = _predict(v_pu, tap, new_tap)[worst]
        house = meters.sites[int(np.flatnonzero(energised)[worst])].name
        limit = band.v_max_pu if v_pu[worst] > band.v_max_pu else band.v_min_pu
        side = "above" if v_pu[worst] > band.v_max_pu else "below"
        return TapMove(
            regulator,
            new_tap,
            f"{house} at {v_pu[worst]:.4f} pu {side} {limit:g} at tick {meters.tick}: "
            f"tap {tap:+d} to {new_tap:+d} predicts {predicted:.4f} pu",
            house,
        )

    def _choose_tap(self, v_pu: FloatArray, tap: int) -> int:
        """The tap with the least excursion from the inner band; fewest steps break ties."""
        band = self.band
        low, high = band.v_min_pu + band.margin_pu, band.v_max_pu - band.margin_pu

        def cost(candidate: int) -> tuple[float, int, int]:
            after = _predict(v_pu, tap, candidate)
            left = max(0.0, float(excursion_pu(after, low, high).max()))
            return round(left, 9), abs(candidate - tap), candidate

        return min(range(band.min_tap, band.max_tap + 1), key=cost)


def _predict(v_pu: FloatArray, tap: int, new_tap: int) -> FloatArray:
    return v_pu * ((1 + TAP_STEP_PU * new_tap) / (1 + TAP_STEP_PU * tap))
