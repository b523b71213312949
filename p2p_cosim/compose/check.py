"""Whether what a scenario names can be built and solved: the feeder, its houses, what breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from p2p_cosim import conservation
from p2p_cosim.compose.control import grid_owns_taps
from p2p_cosim.compose.faults import schedule_of, strangeness_of
from p2p_cosim.compose.grid import grid_of
from p2p_cosim.compose.plugins import Plugins
from p2p_cosim.compose.protection import protection_of
from p2p_cosim.core.errors import DivergenceError
from p2p_cosim.core.fault_kinds import GRID_KINDS
from p2p_cosim.core.types import Fault, Injections
from p2p_cosim.faults import Schedule
from p2p_cosim.grid.opendss import OpenDSSGrid
from p2p_cosim.scenario import Profiles, Scenario


def check_feeder(scenario: Scenario, profiles: Profiles) -> Iterator[str]:
    """Build the feeder and solve its hardest ticks and its faults; then what of it was skipped.

    Solved are the tick in which all houses together draw most, the one in which they give most,
    and the first of every fault, with the loads and PV of the profiles; flexible devices stand
    still.

    Raises GridError, ScenarioError, DivergenceError or ConservationError for what would stop
    the run.
    """
    grid = grid_of(scenario, regcontrol=grid_owns_taps(scenario, Plugins()))
    schedule = schedule_of(scenario, grid)
    protection_of(scenario, grid)
    solver = _Solver(scenario, grid, profiles.solved)
    for row in solver.hardest():
        solver.solve(row)
    standing: list[Fault] = []
    for tick, broken in _first_of_each(schedule):
        for fault in (f for f in standing if f not in broken):
            grid.clear(fault)
        for fault in (f for f in broken if f not in standing):
            grid.apply(fault)
        standing = broken
        solver.solve(tick * scenario.clock.parts)
    if note := strangeness_of(scenario, grid):
        yield note
    for note in grid.circuit.skipped:
        yield f"skipped {note}"


class _Solver:
    """Solves the grid in rows of the profiles."""

    def __init__(self, scenario: Scenario, grid: OpenDSSGrid, profiles: Profiles) -> None:
        self._grid, self._parts, self._profiles = grid, scenario.clock.parts, profiles
        self._net_kw = profiles.load_kw - profiles.pv_kw
        self._kvar = profiles.load_kw * scenario.profiles.kvar_per_kw

    def hardest(self) -> list[int]:
        """Where all houses together draw most, and where they give most."""
        drawn_kw = self._net_kw.sum(axis=1)
        return sorted({int(drawn_kw.argmax()), int(drawn_kw.argmin())})

    def solve(self, row: int) -> None:
        """Raises DivergenceError and ConservationError with the tick."""
        source = self._profiles.source_v_pu
        head = None if source is None else float(source[row])
        scale = float(self._profiles.spot_scale[row])
        self._grid.dispatch(Injections(self._net_kw[row], self._kvar[row], scale, head))
        try:
            state = self._grid.solve()
        except DivergenceError as error:
            raise error.at_tick(row // self._parts) from error
        conservation.check_power(state, row // self._parts)


def _first_of_each(schedule: Schedule) -> Iterator[tuple[int, list[Fault]]]:
    """Ticks in which something breaks that did not before, and what of the grid stands broken."""
    faults, seen = [f for f in schedule.faults if f.kind in GRID_KINDS], set[Fault]()
    for tick in sorted({fault.start_tick for fault in faults}):
        new = {replace(f, start_tick=0, end_tick=0) for f in faults if f.start_tick == tick} - seen
        if new:
            yield tick, [fault for fault in faults if fault.start_tick <= tick < fault.end_tick]
        seen |= new
