"""The utility's own computation of what the meters should read.

A utility knows its feeder, the readings of the houses, the taps, and the usual shape of the
day of everybody else. Solving the feeder with these gives expected readings; what is measured
beyond them is a residual, and a fault is a residual that no plausible load explains.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.errors import DivergenceError
from p2p_cosim.core.fault_kinds import HOUSE_OUTAGE, OPEN_PHASE, SHORTS
from p2p_cosim.core.limits import INTERRUPTION_PU
from p2p_cosim.core.protocols import Grid
from p2p_cosim.core.types import Fault, FloatArray, GridState, Injections, MeterView, TapMove
from p2p_cosim.detection.straying import LoadUncertainty
from p2p_cosim.metering import TYPICAL, MeterQuality

BoolArray = NDArray[np.bool_]

PHASES = "ABC"
SIZE = 9
"""Length of a residual: P in kW, Q in kvar at the head, mean house voltage in pu, by phase."""
_STEP = 0.02  # of a load, for derivatives
_NOT_SEEN_PU = 10.0  # standard deviation of the mean voltage of a phase without houses


class Twin(Brief):
    """A second feeder that is solved with what the utility knows."""

    def __init__(
        self,
        grid: Grid,
        spot_forecast: FloatArray,
        quality: MeterQuality = TYPICAL,
        loads: LoadUncertainty | None = None,
    ) -> None:
        """grid: of the twin's own, with the houses of the real one.

        spot_forecast: shape (ticks,) or (ticks, loads), what scale of the published loads is
        expected; it is never what they will draw.
        """
        self.grid = grid
        self.quality = quality
        self.loads = loads or LoadUncertainty()
        self._spot_forecast = spot_forecast
        # A house between phases, or on several, counts to the first.
        first = [PHASES.index(house.phase[0]) for house in grid.houses]
        self.house_phase = np.array(first, dtype=int)
        self._last_p_kw = np.zeros(len(grid.houses))
        self._last_q_kvar = np.zeros(len(grid.houses))
        self._taps: dict[str, int] = {}

    def scale(self, meters: MeterView) -> float:
        """The mean scale that is expected of the published loads, at the readings' tick; 1 where
        the feeder has none."""
        forecast = self._forecast(meters)
        return float(forecast.mean()) if forecast.size else 1.0

    def _forecast(self, meters: MeterView) -> FloatArray:
        tick = min(max(meters.of_tick, 0), len(self._spot_forecast) - 1)
        return np.asarray(self._spot_forecast[tick])

    def expected(self, meters: MeterView, fault: Fault | None = None) -> GridState:
        """What the feeder should be like, given the readings, with a fault or without.

        A house whose reading is missing counts with its last one. Raises DivergenceError if a
        fault leaves no solution.
        """
        known = ~meters.missing
        self._last_p_kw = np.where(known, meters.p_kw, self._last_p_kw)
        self._last_q_kvar = np.where(known, meters.q_kvar, self._last_q_kvar)
        for regulator, tap in meters.taps.items():
            if self._taps.get(regulator) != tap:
                self.grid.set_tap(TapMove(regulator, tap, "as telemetered"))
                self._taps[regulator] = tap
        forecast = self._forecast(meters)
        scale = forecast if forecast.ndim else float(forecast)
        self.grid.dispatch(Injections(self._last_p_kw, self._last_q_kvar, scale))
        return self.solve(fault)

    def solve(self, fault: Fault | None = None) -> GridState:
        """The state of the last dispatch, with a fault or without."""
        if fault is None:
            return self.grid.solve()
        self.grid.apply(fault)
        try:
            return self.grid.solve()
        finally:
            self.grid.clear(fault)

    def seen(self, meters: MeterView) -> BoolArray:
        """Houses whose reading arrived and that have a supply, shape (houses,)."""
        return ~meters.missing & (meters.v_pu >= INTERRUPTION_PU)

    def residual(self, meters: MeterView, expected: GridState) -> FloatArray:
        """Measured minus expected, shape (SIZE,); voltages over houses with a supply."""
        residual = np.zeros(SIZE)
        residual[0:3] = meters.head_p_kw - expected.head_p_kw
        residual[3:6] = meters.head_q_kvar - expected.head_q_kvar
        change = meters.v_pu - expected.house_v_pu
        seen = self.seen(meters)
        for phase in range(3):
            here = seen & (self.house_phase == phase)
            residual[6 + phase] = change[here].mean() if here.any() else 0.0
        return residual

    def signature(self, state: GridState, normal: GridState) -> FloatArray:
        """What a state adds to the residual of the normal one, shape (SIZE,)."""
        change = state.house_v_pu - normal.house_v_pu
        lit = (state.house_v_pu > INTERRUPTION_PU) & (normal.house_v_pu > INTERRUPTION_PU)
        v_pu = [
            change[lit & (self.house_phase == phase)].mean()
            if (lit & (self.house_phase == phase)).any()
            else 0.0
            for phase in range(3)
        ]
        return np.concatenate(
            [state.head_p_kw - normal.head_p_kw, state.head_q_kvar - normal.head_q_kvar, v_pu]
        )

    def load_covariance(self, scale: float) -> FloatArray:
        """Of a residual through loads that stray, at this scale; shape (SIZE, SIZE)."""
        houses, spots = len(self.grid.houses), len(self.grid.spot_loads)
        p_kw, q_kvar = np.ones(houses), np.full(houses, 0.25)
        self.grid.dispatch(Injections(p_kw, q_kvar, scale))
        normal = self.grid.solve()
        slopes = np.zeros((SIZE, spots))
        for load in range(spots):
            scales = np.full(spots, scale)
            scales[load] *= 1 + _STEP
            self.grid.dispatch(Injections(p_kw, q_kvar, scales))
            slopes[:, load] = self.signature(self.grid.solve(), normal) / _STEP
        return np.asarray(slopes @ self.loads.covariance(spots) @ slopes.T)

    def meter_covariance(self, scale: float) -> FloatArray:
        """Of a residual through the meters' own noise, shape (SIZE, SIZE)."""
        houses = len(self.grid.houses)
        self.grid.dispatch(Injections(np.ones(houses), np.full(houses, 0.25), scale))
        state = self.grid.solve()
        head = self.quality.head_noise * np.hypot(state.head_p_kw, state.head_q_kvar)
        counts = np.array([(self.house_phase == phase).sum() for phase in range(3)])
        # At least what a model of the drops and of unread house loads cannot explain.
        v_noise = max(self.quality.v_noise_pu, 1e-4)
        v_pu = np.where(counts > 0, v_noise / np.sqrt(np.maximum(counts, 1)), _NOT_SEEN_PU)
        return np.diag(np.concatenate([head, head, v_pu]) ** 2 + 1e-12)

    def probe(self, fault: Fault, scale: float) -> FloatArray:
        """What a small fault adds to the residual at this scale, shape (SIZE,)."""
        houses = len(self.grid.houses)
        self.grid.dispatch(Injections(np.ones(houses), np.full(houses, 0.25), scale))
        normal = self.grid.solve()
        return self.signature(self.solve(fault), normal)


def best_explanation(
    twin: Twin,
    meters: MeterView,
    hypotheses: Sequence[Fault],
    offset: FloatArray,
    head_sd_kw: float,
    *,
    must: bool = False,
) -> tuple[Fault | None, float]:
    """The single fault that explains the readings best, and how much better than nothing.

    Analysis by synthesis: each hypothesis is solved and its misfit is the sum of squared
    differences over their tolerances. offset: the residual before anything happened, which is
    taken off the head's readings. None if dark houses by themselves explain as much, unless
    a fault `must` be named; None also if no hypothesis has a solution. The second value is the
    misfit that the explanation removes.
    """
    normal = twin.expected(meters)
    dark = meters.v_pu < INTERRUPTION_PU
    everybody = np.ones(len(dark), dtype=bool)
    alone = _misfit(meters, normal, normal, offset, head_sd_kw, ~dark, _SLACK_OPEN)
    alone += _COST[HOUSE_OUTAGE] * float(dark.sum())
    best, least = None, math.inf if must else alone
    for fault in hypotheses:
        try:
            state = twin.solve(fault)
        except DivergenceError:
            continue
        slack = _SLACK_SHORT if fault.kind in SHORTS else _SLACK_OPEN
        misfit = _misfit(meters, state, normal, offset, head_sd_kw, everybody, slack)
        misfit += _COST.get(fault.kind, _COST_OTHER)
        if misfit < least:
            best, least = fault, misfit
    return best, alone - least


# Improbability of a fault in the unit of a misfit. One phase of a line that opens is rarer
# than a house, and where it is electrically the same as the whole line, that is named.
_COST = {HOUSE_OUTAGE: 20.0, OPEN_PHASE: 32.0}
_COST_OTHER = 30.0
_V_TOLERANCE_PU = 0.003
# Of the change that a hypothesis predicts: impedance and bus of a short circuit are only near
# the truth, and the loads that an open leaves stray a little.
_SLACK_SHORT, _SLACK_OPEN = 0.08, 0.015


def _misfit(
    meters: MeterView,
    state: GridState,
    normal: GridState,
    offset: FloatArray,
    head_sd_kw: float,
    counted: BoolArray,
    slack: float,
) -> float:
    use = counted & ~meters.missing
    v_slack = slack * np.abs(state.house_v_pu - normal.house_v_pu)
    v_wrong = (meters.v_pu - state.house_v_pu) / (_V_TOLERANCE_PU + v_slack)
    total = float((v_wrong[use] ** 2).sum()) / max(1.0, math.sqrt(use.sum()))
    # Loads that lost their supply stray no more.
    left = np.clip(state.head_p_kw / np.maximum(normal.head_p_kw, 1.0), 0.0, 1.0)
    for measured, own, usual, off in (
        (meters.head_p_kw, state.head_p_kw, normal.head_p_kw, offset[0:3]),
        (meters.head_q_kvar, state.head_q_kvar, normal.head_q_kvar, offset[3:6]),
    ):
        wrong = (measured - off * left - own) / (head_sd_kw + slack * np.abs(own - usual))
        total += float((wrong[np.isfinite(wrong)] ** 2).sum())
    return total
