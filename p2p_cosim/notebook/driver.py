"""What the stepper's buttons do, without a browser: a `Simulation` and the calls made to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.errors import InputError, SimulationError
from p2p_cosim.core.types import TickRecord
from p2p_cosim.notebook.changes import Change, apply, change_of
from p2p_cosim.scenario import Scenario
from p2p_cosim.simulation import Simulation

MOST_STEPS = 1000
"""Of one call of `steps`: longer runs are made of several, between which a notebook can answer."""


@dataclass(frozen=True, slots=True)
class Branch:
    """The same run from its seed to a tick, and from there on with other values.

    sim: its simulation. change: what is different from the tick `change.tick` on.
    """

    sim: Simulation
    change: Change


class Driver(Brief):
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
        self.branch: Branch | None = None
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

    def change(self, **fields: object) -> None:
        """Give fields other values from the next tick on, named as in `Scenario.replace`.

        Raises what `change_of` raises, and InputError while there is a branch.
        """
        if self.branch:
            raise InputError("there is a branch: reset() before changing the run that it left")
        self._check_fields(fields)
        change = change_of(self.sim, self.scenario, fields)
        apply(self.sim, change)
        self._changes.append(change)
        self.calls.append(f"stepper.change({_told(fields)})")

    def fork(self, **fields: object) -> None:
        """Replay the run from its seed to this tick, and go on both ways: as it is, and with other
        values of fields. Every step from now on is made on both; a new fork takes the old one's
        place.

        Raises what `change_of` raises, InputError for fields that change nothing, and
        SimulationError if the replay is another run.
        """
        self._check_fields(fields)
        change = change_of(self.sim, self.scenario, fields)
        if not change.fields:
            raise InputError(f"{_told(fields) or 'no field'}: both ways would be the same")
        other = self._replayed()
        apply(other, change)
        self._end_branch()
        self.branch = Branch(other, change)
        self.calls.append(f"stepper.branch({_told(fields)})  # replayed to tick {self.sim.tick}")

    def reset(self) -> None:
        """Begin the run again: the same scenario and seed, so the same run, without changes."""
        self._end_branch()
        self.sim.close()
        self.sim = self._begin()

    def close(self) -> None:
        """Close the simulations; what was run can still be looked at."""
        if self.branch:
            self.branch.sim.close()
        self.sim.close()

    @property
    def scenario(self) -> Scenario:
        """The scenario as changes have left it."""
        return self._changes[-1].scenario if self._changes else self.sim.scenario

    def _check_fields(self, fields: dict[str, object]) -> None:
        """Raise InputError for a field whose place an object of the user's own has taken."""
        for role in {name.rpartition(".")[2] for name in fields} & set(self._given):
            raise InputError(
                f"{role}: an object of yours has its place; begin a Stepper without it to change it"
            )

    def _replayed(self) -> Simulation:
        """Another simulation, run to where this one stands."""
        other = Simulation(self._scenario, self._seed, out=None, **self._plugins())  # type: ignore[arg-type]
        changes = list(self._changes)
        while other.tick < self.sim.tick:
            while changes and changes[0].tick == other.tick:
                apply(other, changes.pop(0))
            other.step()
        for change in changes:
            apply(other, change)
        here, there = self.sim.last, other.last
        same = here is there or (
            here is not None
            and there is not None
            and here.ledger == there.ledger
            and here.grid.house_v_pu.tolist() == there.grid.house_v_pu.tolist()
        )
        if not same:
            other.close()
            raise SimulationError(
                f"replayed to tick {self.sim.tick}, the run is another one: a plug-in remembers "
                "what it saw. Let `plugins` be a function that makes it anew"
            )
        return other

    def _end_branch(self) -> None:
        if self.branch:
            self.branch.sim.close()
        self.branch = None

    def _begin(self) -> Simulation:
        self.events = []
        self._changes: list[Change] = []
        self._given = self._plugins()
        sim = Simulation(self._scenario, self._seed, out=None, **self._given)  # type: ignore[arg-type]
        name, seed = sim.scenario.name, sim.scenario.seed
        self.calls.append(f"sim = p2p.Simulation(scenario, seed={seed}, out=None)  # {name}")
        return sim

    def _step(self) -> TickRecord:
        before = self.sim.last
        record = self.sim.step()
        if self.branch:
            self.branch.sim.step()
        limits = self.sim.scenario.control.v_min_pu, self.sim.scenario.control.v_max_pu
        sites = [site.name for site in self.sim.model.grid.houses]
        self.events += [(record.tick, text) for text in happened(record, before, limits, sites)]
        return record


def _told(fields: dict[str, object]) -> str:
    """Fields as one writes them in a call."""
    if any("." in name for name in fields):
        return f"**{fields!r}"
    return ", ".join(f"{name}={value!r}" for name, value in fields.items())


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
