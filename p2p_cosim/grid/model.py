"""What an operator computes about its feeder: sensitivities and trial solves.

Works through a grid's public face, on the grid itself: dispatch and taps are put back
afterwards, and the next solve gives what it would have given, within solver tolerance.
It is therefore a perfect model, unless it is given errors. What a controller does not know is what
the houses and the spot loads will draw; it has to bring its own idea of that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import FloatArray, Injections, Sensitivities, TapMove
from p2p_cosim.grid.opendss import OpenDSSGrid

# The step of the differences: large against the solver's tolerance (1e-8 pu moves 1e-5 kW),
# and small against what bends the curve.
STEP_KW = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class ModelError:
    """What a model takes lines and published loads for, as multiples of what they are.

    lines: shape (lines,), of impedance. loads: shape (spot loads,).
    """

    lines: FloatArray
    loads: FloatArray

    @classmethod
    def drawn(cls, grid: OpenDSSGrid, deviation: float, rng: np.random.Generator) -> ModelError:
        """Log-normal multiples with mean 1 and this relative standard deviation."""
        sigma = math.sqrt(math.log1p(deviation**2))
        lines, loads = len(grid.line_lengths), len(grid.spot_loads)
        factors = rng.lognormal(-(sigma**2) / 2, sigma, lines + loads)
        return cls(factors[:lines], factors[lines:])


class FeederModel:
    """A `GridModel` over a grid whose taps have the caller as their owner.

    error: None for a model that knows the feeder as it is.
    """

    def __init__(self, grid: OpenDSSGrid, error: ModelError | None = None) -> None:
        self._grid = grid
        self._error = error
        self._known_for: tuple[object, ...] | None = None
        self._sensitivities = Sensitivities(np.zeros((0, 0)), np.zeros((0, 0)))

    def __repr__(self) -> str:
        return f"FeederModel({self._grid!r}, {'exact' if self._error is None else 'with errors'})"

    def sensitivities(self) -> Sensitivities:
        """Forward differences of 1 kW and one tap round the newest dispatch.

        One solve for each house and regulator, and only when taps or topology have changed
        since the last time. Raises DivergenceError where a solve fails.
        """
        state = (*self._grid.taps.values(), self._grid.topology)
        if state != self._known_for:
            with self._left_as_it_was() as base:
                self._sensitivities = Sensitivities(self._dv_dp(base), self._dv_dtap(base))
            self._known_for = state
        return self._sensitivities

    def trial(
        self, house_p_kw: FloatArray, house_q_kvar: FloatArray, taps: Mapping[str, int]
    ) -> FloatArray:
        """House voltages in pu with these powers and taps; see `GridModel.trial`."""
        with self._left_as_it_was() as base:
            self._move(taps)
            return self._v_pu(replace(base, house_p_kw=house_p_kw, house_q_kvar=house_q_kvar))

    def _dv_dp(self, base: Injections) -> FloatArray:
        before = self._v_pu(base)
        columns = []
        for house in range(len(before)):
            p_kw = base.house_p_kw.copy()
            p_kw[house] += STEP_KW
            columns.append(self._v_pu(replace(base, house_p_kw=p_kw)) - before)
        return np.array(columns).reshape(-1, len(before)).T / STEP_KW

    def _dv_dtap(self, base: Injections) -> FloatArray:
        before, taps = self._v_pu(base), self._grid.taps
        columns = []
        for name, tap in taps.items():
            step = 1 if tap < self._grid.regulator_sites[name].max_tap else -1
            self._move({name: tap + step})
            columns.append((self._v_pu(base) - before) / step)
            self._move({name: tap})
        return np.array(columns).reshape(-1, len(before)).T

    def _v_pu(self, injections: Injections) -> FloatArray:
        self._grid.dispatch(injections)
        return self._grid.solve_voltages()

    def _move(self, taps: Mapping[str, int]) -> None:
        present = self._grid.taps
        for name, tap in taps.items():
            if tap != present[name]:
                self._grid.set_tap(TapMove(name, tap, "trial"))

    @contextmanager
    def _left_as_it_was(self) -> Iterator[Injections]:
        if self._grid.regcontrol:
            raise GridError(
                "the feeder's RegControls would move the taps in a trial: let the controller "
                "own the taps"
            )
        dispatched, taps = self._grid.injections, self._grid.taps
        error, lengths = self._error, None if self._error is None else self._grid.line_lengths
        believed = dispatched
        if error is not None and lengths is not None:
            self._grid.set_line_lengths(lengths * error.lines)
            believed = replace(dispatched, spot_scale=dispatched.spot_scale * error.loads)
        try:
            yield believed
        finally:
            if lengths is not None:
                self._grid.set_line_lengths(lengths)
            self._move(taps)
            self._grid.dispatch(dispatched)
