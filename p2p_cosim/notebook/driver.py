"""What the stepper's buttons do, without a browser: a `Simulation` and the calls made to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import TickRecord
from p2p_cosim.scenario import Scenario
from p2p_cosim.simulation import Simulation

MOST_STEPS = 1000
"""Of one call of `steps`: longer runs are made of several, between which a notebook can answer."""


class Driver:
    """A simulation that can be begun again, and the history that figures need.

    scenario, seed: as of `Simulation`; nothing is written.
    plugins: called for each new simulation; gives its strategy, controller and detector. A
        plug-in that remembers must be made anew for each, or the second run differs.

    Raises what `Simulation` raises.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int | None = None,
        *,
        plugins: Callable[[], dict[str, object]] = dict,
    ) -> None:
        self._scenario, self._seed, self._plugins = scenario, seed, plugins
        self.calls: list[str] = []
        self.events: list[tuple[int, str]] = []
        self.sim = self._begin()

    def steps(self, ticks: int = 1) -> Iterator[TickRecord]:
        """Run so many ticks, or to the end of the run, one for each that is asked for.

        Raises InputError for a number of ticks that is not in 1 to `MOST_STEPS`.
        """
        if not 1 <= ticks <= MOST_STEPS:
            raise InputError(f"{ticks} ticks: a number from 1 to {MOST_STEPS} is needed")
        self.calls.append("sim.step()" if ticks == 1 else f"for _ in range({ticks}): sim.step()")
        for _ in range(ticks):
            if self.sim.done:
                return
            yield self._step()

    def to_event(self) -> Iterator[TickRecord]:
        """Run until something happens (see `happened`), or to the end of the run."""
        self.calls.append("stepper.to_event()  # sim.step() until something happens")
        while not self.sim.done:
            known = len(self.events)
            yield self._step()
            if len(self.events) > known:
                return

    def reset(self) -> None:
        """Begin the run again: the same scenario and seed, so the same run."""
        self.sim.close()
        self.sim = self._begin()

    def close(self) -> None:
        """Close the simulation; what was run can still be looked at."""
        self.sim.close()

    def _begin(self) -> Simulation:
        self.events = []
        sim = Simulation(self._scenario, self._seed, out=None, **self._plugins())  # type: ignore[arg-type]
        name, seed = sim.scenario.name, sim.scenario.seed
        self.calls.append(f"sim = p2p.Simulation(scenario, seed={seed}, out=None)  # {name}")
        return sim

    def _step(self) -> TickRecord:
        before = self.sim.last
        record = self.sim.step()
        limits = self.sim.scenario.control.v_min_pu, self.sim.scenario.control.v_max_pu
        sites = [site.name for site in self.sim.model.grid.houses]
        self.events += [(record.tick, text) for text in happened(record, before, limits, sites)]
        return record


def happened(
    record: TickRecord,
    before: TickRecord | None,
    limits_pu: tuple[float, float],
    houses: list[str],
) -> list[str]:
    """What happened in a tick, in words: faults, alarms, tap moves, houses that left the band.

    before: the record of the tick before. limits_pu: least and most voltage. houses: their names,
    in the grid's order. A house without supply has no voltage that could leave a band.
    """
    low, high = limits_pu

    def outside(of: TickRecord | None) -> set[str]:
        if of is None:
            return set()
        named = zip(houses, of.grid.house_v_pu, strict=True)
        return {name for name, v_pu in named if v_pu > 0 and not low <= v_pu <= high}

    left = sorted(outside(record) - outside(before), key=houses.index)
    return [
        *(f"fault: {fault.kind} at {fault.place}" for fault in record.faults),
        *(f"alarm: {alarm.kind} at {alarm.place}" for alarm in record.alarms),
        *(f"tap: {move.regulator} to {move.tap:+d}, {move.reason}" for move in record.tap_moves),
        *(f"voltage: {house} left the band" for house in left),
    ]
