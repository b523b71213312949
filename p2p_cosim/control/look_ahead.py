"""Look ahead: from the trades of the coming interval to voltages, and to taps before them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from p2p_cosim.control.band import SET_POINT_PU, VoltageBand, excursion_pu
from p2p_cosim.control.choice import fewest_steps
from p2p_cosim.control.forecast import (
    BoolArray,
    Drift,
    ErrorMemory,
    Forecast,
    HouseForecast,
    IntArray,
    LastReadings,
    taps_then,
)
from p2p_cosim.core.brief import Brief
from p2p_cosim.core.defaults import ERROR_MARGIN, FORECAST, HORIZON_TICKS, POLICY
from p2p_cosim.core.errors import DivergenceError
from p2p_cosim.core.types import ControlView, Decision, FloatArray, TapMove

Policy = Literal["smallest", "setpoint"]


@dataclass(frozen=True, slots=True, eq=False)
class _Outlook:
    """House voltages to come with the taps as they are, and how taps change them.

    v_pu, drift_pu, known: shape (houses,), for the coming interval, per further tick, and
    whether a house has supply and a reading. low_pu, high_pu: the band less the margin.
    """

    v_pu: FloatArray
    drift_pu: FloatArray
    known: BoolArray
    dv_dtap: FloatArray
    low_pu: float
    high_pu: float

    def outside(self, v_pu: FloatArray) -> BoolArray:
        return self.known & (excursion_pu(v_pu, self.low_pu, self.high_pu) > 0)


class LookAhead(Brief):
    """Moves taps before the interval in which houses would leave the band.

    A house that traded is expected to draw what it bought and to deliver what it sold; of
    any other nothing is known but its last meter. Voltages follow from the last meters and
    the network's sensitivities. If a house would come within the margin of a limit, the
    policy says which taps to take:

    - `smallest`: the fewest steps that keep every house inside, in the coming interval and, as
      far as the drift of the last ticks tells, to the end of the horizon;
    - `setpoint`: after an overvoltage, the fewest steps that bring the phase's highest house
      down to `set_point_pu`; otherwise as `smallest`.

    One solve verifies the choice; if it finds a house outside, the choice is made once more
    with what the solve has shown.

    Without the trades, `forecast` takes houses to draw what their meters said last
    (`persistence`) or a day before (`seasonal_naive`; on the first day, last).

    The margin is the band's plus `error_margin` standard deviations of the controller's own
    prediction errors so far, so that it widens by itself where houses deliver something
    else than they sold.
    """

    name = "look_ahead"

    def __init__(
        self,
        band: VoltageBand | None = None,
        policy: Policy = POLICY,
        *,
        forecast: Forecast = FORECAST,
        set_point_pu: float = SET_POINT_PU,
        horizon_ticks: int = HORIZON_TICKS,
        error_margin: float = ERROR_MARGIN,
    ) -> None:
        self.band = band or VoltageBand()
        self.policy = policy
        self.set_point_pu = set_point_pu
        self.horizon_ticks = horizon_ticks
        self.error_margin = error_margin
        self._forecast = HouseForecast(forecast)
        self._readings = LastReadings()
        self._drift = Drift()
        self._errors = ErrorMemory()

    def decide(self, view: ControlView) -> Decision:
        """Moves for the coming interval, with what it expects and predicts."""
        self._errors.learn(view.meters)
        view = replace(view, meters=self._readings.completed(view.meters))
        p_kw = self._forecast.p_kw(view)
        try:
            decision = self._decide(view, p_kw)
        except DivergenceError as error:
            # What was sold cannot be delivered at all, and no tap cures that.
            why = f"refused: no prediction, {error}"
            held = tuple(TapMove(name, tap, why) for name, tap in view.taps.items())
            decision = Decision(refusals=held, expected_p_kw=p_kw)
        self._errors.predicted(view.tick, decision.predicted_v_pu)
        return decision

    def _decide(self, view: ControlView, p_kw: FloatArray) -> Decision:
        outlook = self._outlook(view, p_kw)
        steps = self._steps(view, outlook)
        predicted = self._verified(view, p_kw, steps)
        if outlook.outside(predicted).any():
            # What is not linear shows in the solve: correct by it, once.
            error = predicted - (outlook.v_pu + outlook.dv_dtap @ steps)
            outlook = replace(outlook, v_pu=outlook.v_pu + error)
            again = self._steps(view, outlook)
            if (again != steps).any():
                steps, predicted = again, self._verified(view, p_kw, again)
        return Decision(
            moves=self._moves(view, outlook, steps, predicted),
            refusals=self._out_of_reach(view, outlook, steps, predicted),
            expected_p_kw=p_kw,
            predicted_v_pu=predicted,
        )

    def _outlook(self, view: ControlView, p_kw: FloatArray) -> _Outlook:
        meters, sensitivities = view.meters, view.network.sensitivities()
        known = meters.v_pu > 0
        change_kw = np.where(known, p_kw - meters.p_kw, 0.0)
        band = self.band
        wanted = band.margin_pu + self.error_margin * self._errors.deviation_pu
        margin = min(wanted, (band.v_max_pu - band.v_min_pu) / 4)
        moved = np.array(list(view.taps.values()), dtype=np.int64) - taps_then(view)
        return _Outlook(
            v_pu=meters.v_pu + sensitivities.dv_dp @ change_kw + sensitivities.dv_dtap @ moved,
            drift_pu=self._drift.per_tick(view, sensitivities.dv_dtap),
            known=known,
            dv_dtap=sensitivities.dv_dtap,
            low_pu=band.v_min_pu + margin,
            high_pu=band.v_max_pu - margin,
        )

    def _steps(self, view: ControlView, outlook: _Outlook) -> IntArray:
        taps = np.array(list(view.taps.values()), dtype=np.int64)
        if not outlook.outside(outlook.v_pu).any():
            return np.zeros_like(taps)
        known = outlook.known
        low, high = self._targets(view, outlook)
        sites = [view.regulator(name) for name in view.taps]
        least = np.array([max(self.band.min_tap, site.min_tap) for site in sites]) - taps
        most = np.array([min(self.band.max_tap, site.max_tap) for site in sites]) - taps
        choice = (outlook.dv_dtap[known], low[known], high[known], least, most)
        now = outlook.v_pu[known]
        if self.horizon_ticks > 1:
            end = now + (self.horizon_ticks - 1) * outlook.drift_pu[known]
            steps, left_pu = fewest_steps(np.array([now, end]), *choice, nearby=True)
            if left_pu == 0:
                return steps
        # Where no tap suits the whole horizon, the coming interval comes first; and where none
        # keeps every house between the lower limit and a set point, the band does.
        steps, left_pu = fewest_steps(now[None, :], *choice)
        if left_pu > 0 and self.policy == "setpoint":
            band = (np.full_like(now, outlook.low_pu), np.full_like(now, outlook.high_pu))
            steps, _ = fewest_steps(now[None, :], choice[0], *band, least, most)
        return steps

    def _targets(self, view: ControlView, outlook: _Outlook) -> tuple[FloatArray, FloatArray]:
        """The band of every house for this choice, shape (houses,) each."""
        low = np.full(len(outlook.v_pu), outlook.low_pu)
        high = np.full(len(outlook.v_pu), outlook.high_pu)
        if self.policy == "setpoint":
            too_high = outlook.known & (outlook.v_pu > outlook.high_pu)
            for name in view.taps:
                serves = view.regulator(name).serves
                if (serves & too_high).any():
                    high[serves] = self.set_point_pu
        return low, high

    def _verified(self, view: ControlView, p_kw: FloatArray, steps: IntArray) -> FloatArray:
        taps = {
            name: tap + int(step)
            for (name, tap), step in zip(view.taps.items(), steps, strict=True)
        }
        return view.network.trial(p_kw, view.meters.q_kvar, taps)

    def _moves(
        self, view: ControlView, outlook: _Outlook, steps: IntArray, predicted: FloatArray
    ) -> tuple[TapMove, ...]:
        moves = []
        for (name, tap), step in zip(view.taps.items(), steps, strict=True):
            if step:
                worst = _worst(view, outlook, outlook.v_pu, name)
                house = view.meters.sites[worst].name
                moves.append(
                    TapMove(
                        name,
                        tap + int(step),
                        f"{house} would be at {outlook.v_pu[worst]:.4f} pu in tick {view.tick}: "
                        f"tap {tap:+d} to {tap + int(step):+d} predicts {predicted[worst]:.4f} pu",
                        house,
                    )
                )
        return tuple(moves)

    def _out_of_reach(
        self, view: ControlView, outlook: _Outlook, steps: IntArray, predicted: FloatArray
    ) -> tuple[TapMove, ...]:
        """The regulators with houses that stay outside at the best taps that were found."""
        refusals = []
        taps = zip(view.taps.items(), steps, strict=True)
        for (name, tap), step in taps:
            served = view.regulator(name).serves
            if not (outlook.outside(predicted) & served).any():
                continue
            worst = _worst(view, outlook, predicted, name)
            house = view.meters.sites[worst].name
            refusals.append(
                TapMove(
                    name,
                    tap + int(step),
                    f"refused: no tap was found from {self.band.min_tap} to {self.band.max_tap} "
                    f"that keeps every house within {outlook.low_pu:.4f} to "
                    f"{outlook.high_pu:.4f} pu; {house} would be at {predicted[worst]:.4f} pu",
                    house,
                )
            )
        return tuple(refusals)


def _worst(view: ControlView, outlook: _Outlook, v_pu: FloatArray, regulator: str) -> int:
    """The house that a regulator serves which is farthest outside, or nearest to it."""
    served = view.regulator(regulator).serves
    excursion = excursion_pu(v_pu, outlook.low_pu, outlook.high_pu)
    return int(np.where(served & outlook.known, excursion, -np.inf).argmax())
