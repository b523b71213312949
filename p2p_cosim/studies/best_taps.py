"""The best that taps could do in a day, by somebody who knows all that is to come.

An upper bound for controllers: of all sequences of tap positions, those with the fewest
house-ticks outside the band, and of these the fewest operations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.compose.grid import grid_of
from p2p_cosim.control.band import VoltageBand, excursion_pu
from p2p_cosim.control.choice import MAX_SEARCHED
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import FloatArray, Injections, TapMove
from p2p_cosim.grid.model import FeederModel
from p2p_cosim.grid.opendss import OpenDSSGrid
from p2p_cosim.scenario import Scenario
from p2p_cosim.studies.feeder_run import Behind

Taps = tuple[int, ...]
IntArray = NDArray[np.int64]

SCREEN_PU = 0.004
"""Farther outside than this by sensitivities, and a position is not solved: it is outside."""
_MOVE, _VIOLATION = 1, 100_000  # one violation weighs more than all moves of a day


@dataclass(frozen=True, slots=True)
class BestTaps:
    """What the best sequence comes to.

    outside: house-ticks outside the band. operations: moves of one regulator in one interval.
    taps: shape (ticks, regulators). proven: whether no sequence at all does better.
    """

    outside: int
    operations: int
    taps: tuple[Taps, ...]
    proven: bool


def best_taps(scenario: Scenario, behind: Behind | None = None) -> BestTaps:
    """Exhaustive search on the full power flow, from the taps at which the run begins.

    Positions that differ from the first ones in one regulator are tried in every sequence, then
    in two, and so on. A sequence of n operations differs in at most n regulators, so that what is
    found with k of them is proven best if it has no house outside and at most k + 1 operations.
    Inverters give what they can.

    Raises InputError for more than three regulators, whose positions are too many.
    """
    grid = grid_of(scenario, regcontrol=False)
    if len(grid.regulators) > MAX_SEARCHED:
        raise InputError(
            f"{len(grid.regulators)} regulators have too many positions: the search takes "
            f"{MAX_SEARCHED}, choose a smaller feeder"
        )
    search = _Search(scenario, grid, behind or Behind.of(scenario, grid))
    start = tuple(grid.taps.values())
    best = search.best([start], start)
    for differing in range(1, len(start) + 1):
        if best.outside == 0 and best.operations <= differing:
            return best
        best = search.best(search.positions(start, differing), start)
    return BestTaps(best.outside, best.operations, best.taps, proven=True)


class _Search:
    def __init__(self, scenario: Scenario, grid: OpenDSSGrid, behind: Behind) -> None:
        control = scenario.control
        self._grid, self._behind = grid, behind
        self._band = VoltageBand(control.v_min_pu, control.v_max_pu)
        self._ranges = [
            range(max(control.min_tap, site.min_tap), min(control.max_tap, site.max_tap) + 1)
            for site in grid.regulator_sites.values()
        ]
        self._known: dict[Taps, IntArray] = {}
        self._first = tuple(grid.taps.values())
        self._v_pu, self._dv_dtap = self._outlook()

    def positions(self, start: Taps, differing: int) -> list[Taps]:
        """Of all regulators, with at most so many not where they began."""
        found = {start: None}
        for moved in combinations(range(len(start)), differing):
            axes = [self._ranges[i] if i in moved else (tap,) for i, tap in enumerate(start)]
            found |= dict.fromkeys(product(*axes))
        return [taps for taps in found if taps == start or self._plausible(taps)]

    def best(self, positions: list[Taps], start: Taps) -> BestTaps:
        """The cheapest path through these positions, by dynamic programming."""
        costs = np.array([self._outside(taps) for taps in positions]).T * _VIOLATION
        taps = np.array(positions)
        moves = (taps[:, None, :] != taps[None, :, :]).sum(axis=2) * _MOVE
        spent = moves[positions.index(start)].astype(np.int64) + costs[0]
        before: list[IntArray] = []
        for cost in costs[1:]:
            ways = spent[:, None] + moves
            before.append(ways.argmin(axis=0))
            spent = ways.min(axis=0) + cost
        at = int(spent.argmin())
        total, path = int(spent[at]), [at]
        for came_from in reversed(before):
            path.append(int(came_from[path[-1]]))
        outside, operations = divmod(total, _VIOLATION)
        sequence = tuple(positions[i] for i in reversed(path))
        return BestTaps(outside, operations, sequence, proven=outside == 0)

    def _outside(self, taps: Taps) -> IntArray:
        """Houses outside the band in every tick; shape (ticks,)."""
        if taps not in self._known:
            near = self._linear(taps)
            outside = self._count(near)
            worst = self._excursion(near).max(axis=1)
            self._set(dict(zip(self._grid.regulators, taps, strict=True)))
            for tick in np.flatnonzero(np.abs(worst) <= SCREEN_PU):
                outside[tick] = self._count(self._solved(int(tick))[None, :])[0]
            self._known[taps] = outside
        return self._known[taps]

    def _plausible(self, taps: Taps) -> bool:
        """Whether some tick could have every house inside at this position."""
        return bool((self._excursion(self._linear(taps)).max(axis=1) <= SCREEN_PU).any())

    def _linear(self, taps: Taps) -> FloatArray:
        steps = np.array(taps) - np.array(self._first)
        return np.asarray(self._v_pu + (self._dv_dtap @ steps)[None, :])

    def _excursion(self, v_pu: FloatArray) -> FloatArray:
        band = self._band
        return np.asarray(excursion_pu(v_pu, band.v_min_pu, band.v_max_pu))

    def _count(self, v_pu: FloatArray) -> IntArray:
        return np.asarray((self._excursion(v_pu) > 0).sum(axis=1), dtype=np.int64)

    def _outlook(self) -> tuple[FloatArray, FloatArray]:
        """Voltages of all ticks at the first taps, and what a tap does at the middle one."""
        ticks = range(len(self._behind.spot_scale))
        v_pu = np.array([self._solved(tick) for tick in ticks])
        self._solved(len(ticks) // 2)
        return v_pu, FeederModel(self._grid).sensitivities().dv_dtap

    def _solved(self, tick: int) -> FloatArray:
        behind = self._behind
        self._grid.dispatch(
            Injections(
                behind.load_kw[tick] - behind.available_kw[tick],
                behind.load_kvar[tick],
                float(behind.spot_scale[tick]),
            )
        )
        return self._grid.solve_voltages()

    def _set(self, taps: Mapping[str, int]) -> None:
        for name, tap in taps.items():
            if self._grid.taps[name] != tap:
                self._grid.set_tap(TapMove(name, tap, "search"))
