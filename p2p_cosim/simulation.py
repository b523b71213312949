"""Running a scenario: at once with `run`, or step by step with `Simulation`."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Never

from p2p_cosim.arguments import checked_plugins, checked_scenario, refuse_fields
from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.compose import Plugins, build
from p2p_cosim.core.protocols import Controller, Detector, Strategy
from p2p_cosim.core.types import TickRecord
from p2p_cosim.core.units import eur_of
from p2p_cosim.record import Results
from p2p_cosim.scenario import Scenario
from p2p_cosim.shown import book_of, html_of

if TYPE_CHECKING:
    import pandas as pd

RESULTS_FOLDER = Path("results")


class Simulation:
    """A run that goes forward tick by tick.

    scenario: what to run; `seed` replaces the scenario's own if given.
    out: folder of results; the run is written to `<out>/<scenario name>/<run id>/`.
    strategy, controller, detector: objects that take the place of what the scenario names.

        sim = Simulation(load("scenarios/three_houses.yaml"))
        while not sim.done:
            sim.step()
        run = sim.results()

    Raises ScenarioError, GridError or InputError for a scenario that cannot be built, and
    InputError for an object that cannot play its role.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int | None = None,
        *,
        out: Path | str = RESULTS_FOLDER,
        strategy: Strategy | None = None,
        controller: Controller | None = None,
        detector: Detector | None = None,
        **unknown: Never,
    ) -> None:
        refuse_fields(unknown)
        checked_plugins(strategy=strategy, controller=controller, detector=detector)
        scenario = checked_scenario(scenario)
        self.scenario = scenario if seed is None else scenario.replace(seed=seed)
        self.model = build(self.scenario, Path(out), Plugins(strategy, controller, detector))

    @property
    def tick(self) -> int:
        """The tick that `step` runs next."""
        return self.model.tick

    @property
    def done(self) -> bool:
        """Whether every tick of the scenario has been run."""
        return self.tick >= self.scenario.clock.ticks

    @property
    def last(self) -> TickRecord | None:
        """The record of the newest tick, None before the first."""
        return self.model.last

    def step(self) -> TickRecord:
        """Run one tick and return its record.

        Raises IndexError after the last tick, DivergenceError if the power flow fails and
        ConservationError if something does not balance.
        """
        if self.done:
            raise IndexError(
                f"{self.scenario.name} has {self.scenario.clock.ticks} ticks and all are run: "
                "raise clock.ticks, or build another Simulation"
            )
        self.model.step()
        assert self.model.last is not None  # noqa: S101 (a step has just been made)
        return self.model.last

    def write(self, status: str) -> Path:
        """Write what is recorded so far; see `ParquetRecorder.write`."""
        return self.model.parts.recorder.write(status)

    def close(self) -> None:
        """End what runs beside the simulation: a node (`chain.backend: anvil`) is stopped, one
        elsewhere (`jsonrpc`) left as it was found, and people are no longer told; alerts that
        are not delivered stay in the outbox.
        """
        self.model.close()

    def results(self) -> Results:
        """Write the ticks run so far and return them as `Results`."""
        return Results.load(self.write("complete" if self.done else "interrupted"))

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
        """Everybody's account in the contract at this moment, one row a trader."""
        import pandas as pd

        rate = self.scenario.tariff.eur_per_ether
        accounts = self.model.market.ledger().accounts
        return pd.DataFrame(
            {
                "balance_eur": [eur_of(a.balance_wei, rate) for a in accounts.values()],
                "open_eur": [eur_of(a.open_wei, rate) for a in accounts.values()],
                "energy_kwh": [a.energy_wh / 1000 for a in accounts.values()],
            },
            index=pd.Index(accounts, name="trader"),
        )

    @property
    def voltages(self) -> pd.Series[float]:
        """Voltage at every house meter in pu, by house, from the newest solve."""
        import pandas as pd

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


def run(
    scenario: Scenario,
    seed: int | None = None,
    *,
    out: Path | str = RESULTS_FOLDER,
    strategy: Strategy | None = None,
    controller: Controller | None = None,
    detector: Detector | None = None,
    on_tick: Callable[[TickRecord], None] | None = None,
    **unknown: Never,
) -> Results:
    """Run a scenario to its end and return the written results.

    Arguments are those of `Simulation`; `on_tick` is called after every tick. Whatever
    stops the run early, an error or Ctrl-C, what was recorded is written first, and the
    exception carries a note that says where.
    """
    simulation = Simulation(
        scenario,
        seed,
        out=out,
        strategy=strategy,
        controller=controller,
        detector=detector,
        **unknown,
    )
    try:
        while not simulation.done:
            record = simulation.step()
            if on_tick:
                on_tick(record)
    except BaseException as stop:
        interrupted = isinstance(stop, KeyboardInterrupt)
        folder = simulation.write("interrupted" if interrupted else f"failed: {stop!r}")
        recorded = 0 if simulation.last is None else simulation.last.tick + 1
        stop.add_note(f"the {recorded} ticks recorded so far are kept in {folder}")
        raise
    finally:
        simulation.close()
    return simulation.results()
