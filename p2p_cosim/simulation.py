"""Running a scenario step by step."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Never

from p2p_cosim.arguments import checked_folder, checked_plugins, checked_scenario, refuse_fields
from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.chain.strangers import strangers_call
from p2p_cosim.chain.terms import ChainTerms
from p2p_cosim.compose import Plugins, build
from p2p_cosim.compose.garbage import collected_afterwards
from p2p_cosim.core.errors import SimulationError
from p2p_cosim.core.naming import NearNames
from p2p_cosim.core.protocols import Controller, Detector, Forecaster, Strategy
from p2p_cosim.core.types import OutsideInput, TickRecord
from p2p_cosim.houses import Device
from p2p_cosim.record import ParquetRecorder, Results, check_writable, status_of
from p2p_cosim.scenario import Scenario
from p2p_cosim.shown import IN_RESULTS, book_of, html_of, ledger_of

if TYPE_CHECKING:
    import pandas as pd

RESULTS_FOLDER = Path("results")


class Simulation(NearNames):
    """A run that goes forward tick by tick.

    scenario: what to run; `seed` replaces the scenario's own if given.
    out: folder of results; the run is written to `<out>/<scenario name>/<run id>/`. None keeps
        nothing: the run can be looked at and not written.
    strategy, controller, detector, forecaster: take the place of what the scenario names.
    devices: more of them, by house. terms: on which the run's chain is open to others.

        with Simulation(load("scenarios/three_houses.yaml")) as sim:
            while not sim.done:
                sim.step()
            run = sim.results()

    A step that does not finish, because of Ctrl-C or an error, ends the simulation, because half
    a tick is in its houses and its chain. The ticks before stay: see `results()`, `so_far`.

    Raises ScenarioError, GridError or InputError for a scenario that cannot be built,
    InputError for an object that cannot play its role, and StorageError if nothing can be
    written to `out`.
    """

    _elsewhere = IN_RESULTS

    def __init__(
        self,
        scenario: Scenario,
        seed: int | None = None,
        *,
        out: Path | str | None = RESULTS_FOLDER,
        strategy: Strategy | Callable[[], Strategy] | None = None,
        controller: Controller | None = None,
        detector: Detector | None = None,
        forecaster: Forecaster | Callable[[], Forecaster] | None = None,
        devices: Mapping[str, Sequence[Device]] | None = None,
        terms: ChainTerms | None = None,
        **unknown: Never,
    ) -> None:
        refuse_fields(unknown)
        plugins = checked_plugins(Plugins(strategy, controller, detector, forecaster, devices))
        scenario = checked_scenario(scenario)
        self.scenario = scenario if seed is None else scenario.replace(seed=seed)
        folder = None if out is None else checked_folder(out)
        if folder is not None:
            check_writable(folder / self.scenario.name / "run")
        self.model = build(self.scenario, folder, plugins, terms)
        recorder = self.model.parts.recorder
        assert isinstance(recorder, ParquetRecorder)  # noqa: S101 (`build` makes no other)
        self._recorder = recorder
        self._last: TickRecord | None = None
        self._turn = threading.RLock()
        # Set before anything moves and taken back after everything has: an interrupt that
        # comes too early or too late to be caught leaves it standing.
        self._unfinished: int | None = None
        self._end: BaseException | None = None
        self._closed = False
        self._seen = self.chain.position  # of the chain's transactions, and of those that wait
        self._known_waiting: set[bytes] = set()

    @property
    def tick(self) -> int:
        """The tick that `step` runs next: as many as are recorded."""
        return self._recorder.ticks

    @property
    def done(self) -> bool:
        """Whether every tick of the scenario has been run."""
        return self.tick >= self.scenario.clock.ticks

    @property
    def last(self) -> TickRecord | None:
        """The record of the newest whole tick, None before the first."""
        return self._last

    def step(self) -> TickRecord:
        """Run one tick and return its record.

        Raises IndexError after the last tick, DivergenceError if the power flow fails,
        ConservationError if something does not balance, and SimulationError if the simulation
        has ended, is closed, or is in another step.
        """
        with self._alone("step"), collected_afterwards():
            self._check_open()
            if self.done:
                raise IndexError(
                    f"{self.scenario.name} has {self.scenario.clock.ticks} ticks and all are "
                    "run: raise clock.ticks, or build another Simulation"
                )
            self._notice_strangers()
            try:
                self._unfinished = self.tick
                self.model.step()
                self._seen = self.chain.position
                self._last, self._unfinished = self.model.last, None
            except BaseException as stop:
                self._stop(stop)
                raise
        assert self._last is not None  # noqa: S101 (a step has just been made)
        return self._last

    @property
    def outside(self) -> tuple[OutsideInput, ...]:
        """What came in from outside so far; see `took`."""
        return tuple(self._recorder.outside)

    def took(self, given: OutsideInput) -> None:
        """Note that something came in from outside: the run is another one from now on, and is
        written under another id, with its inputs beside it (`outside.jsonl`).

        Raises ValueError or TypeError for a payload that is no JSON.
        """
        given.line()
        self._recorder.outside.append(given)
        self._seen = self.chain.position
        self._known_waiting = {signed.hash for signed in self.chain.pool}

    def write(self) -> Path:
        """Write the ticks recorded so far and return the folder; see `ParquetRecorder.write`.

        The status says where the run stands: complete, interrupted or failed.
        """
        with self._alone("write"):
            self._notice_strangers()
            whole = self.done and self._unfinished is None and self._end is None
            return self._recorder.write(status_of(self._end, whole=whole))

    def close(self) -> None:
        """End what runs beside the simulation: a node (`chain.backend: anvil`) is stopped, one
        elsewhere (`jsonrpc`) left as it was found; alerts that are not delivered stay in the
        outbox. `results()`, `last` and `so_far` still work. Harmless a second time.
        """
        self._closed = True
        self.model.close()

    def __enter__(self) -> Simulation:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is None:
            self.close()
        else:
            self._stop(error)

    def results(self) -> Results:
        """Write the ticks run so far and return them as `Results`."""
        return Results.load(self.write())

    @property
    def so_far(self) -> Results:
        """The ticks run so far as `Results`, without writing: every table and every figure.

        It stays as it is when the simulation goes on; ask again for newer ticks.
        """
        return Results.of_recorder(self._recorder)

    def _notice_strangers(self) -> None:
        """Take what somebody sent to the chain between two steps for what it is: from outside."""
        if self._unfinished is not None or self._end is not None:
            return
        chain = self.chain
        sent = [
            strangers_call(each.transaction, chain.labels) for each in chain.included(self._seen)
        ]
        sent += [
            ("transaction", {"raw": f"0x{signed.raw.hex()}"})
            for signed in chain.pool
            if signed.hash not in self._known_waiting
        ]
        for kind, payload in sent:
            self.took(OutsideInput(self.tick, kind, payload))

    def _stop(self, stop: BaseException) -> None:
        """No step can follow; what runs beside the simulation ends."""
        self._end = stop
        self.close()

    @contextmanager
    def _alone(self, what: str) -> Iterator[None]:
        """One thread at a time."""
        if not self._turn.acquire(blocking=False):
            raise SimulationError(
                f"{what}() was called while another thread runs tick {self.tick} of "
                f"{self.scenario.name}: one thread steps, and the others wait until it has"
            )
        try:
            yield
        finally:
            self._turn.release()

    def _check_open(self) -> None:
        """Raise SimulationError, with the reason, unless a step may follow."""
        torn = self._unfinished is not None or self.model.tick != self.tick
        if torn or self._end is not None:
            where = f"in tick {self.tick if self._unfinished is None else self._unfinished}"
            why = "an interrupt" if self._end is None else repr(self._end)
            raise SimulationError(
                f"{self.scenario.name} ended {where if torn else f'after {self.tick} ticks'} with "
                f"{why}: results() gives the {self.tick} ticks recorded; build another Simulation "
                "to run on"
            ) from self._end
        if self._closed:
            raise SimulationError(
                f"this simulation of {self.scenario.name} is closed after {self.tick} ticks: "
                "results() and so_far still work; build another Simulation to run on"
            )

    @property
    def chain(self) -> OpenChain:
        """The chain that the run's market is on: all its blocks, transactions and events, and a
        way in for others (`core.protocols.Chain` and `Explorer`)."""
        chain = self.model.parts.chain
        assert chain is not None  # noqa: S101 (`build` gives one)
        return chain

    @property
    def book(self) -> pd.DataFrame:
        """Orders of the newest round, as they arrived, with what became of each."""
        return book_of(self.last, self.scenario.tariff.eur_per_ether)

    @property
    def ledger(self) -> pd.DataFrame:
        """Everybody's account in the contract at this moment, one row a trader.

        Raises SimulationError if the simulation has ended within a tick or is closed.
        """
        self._check_open()
        return ledger_of(self.model.market.ledger(), self.scenario.tariff.eur_per_ether)

    @property
    def voltages(self) -> pd.Series[float]:
        """Voltage at every house meter in pu, by house, from the newest solve.

        Raises SimulationError if the simulation has ended within a tick or is closed.
        """
        import pandas as pd

        self._check_open()
        sites = self.model.grid.houses
        return pd.Series(
            self.model.state.house_v_pu,
            index=pd.Index([site.name for site in sites], name="house"),
            name="v_pu",
        )

    def __repr__(self) -> str:
        name, seed = self.scenario.name, self.scenario.seed
        return f"Simulation({name!r}, seed={seed}, tick {self.tick} of {self.scenario.clock.ticks})"

    def _repr_html_(self) -> str:
        shown = html_of(self.last, self.scenario.tariff.eur_per_ether)
        return f"<b>{html.escape(repr(self))}</b>{shown}"
