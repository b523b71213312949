"""Running a scenario to its end, unless it has been."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Never

from p2p_cosim.arguments import checked_folder, checked_plugins, checked_scenario, refuse_fields
from p2p_cosim.compose import Plugins
from p2p_cosim.core.errors import StorageError
from p2p_cosim.core.finishing import uninterrupted
from p2p_cosim.core.protocols import Controller, Detector, Forecaster, Strategy
from p2p_cosim.core.types import TickRecord
from p2p_cosim.houses import Device
from p2p_cosim.record import Results
from p2p_cosim.run_identity import finished_run, run_identity
from p2p_cosim.scenario import Scenario
from p2p_cosim.shown import notebook_progress
from p2p_cosim.simulation import RESULTS_FOLDER, Simulation


def run(
    scenario: Scenario,
    seed: int | None = None,
    *,
    out: Path | str = RESULTS_FOLDER,
    strategy: Strategy | Callable[[], Strategy] | None = None,
    controller: Controller | None = None,
    detector: Detector | None = None,
    forecaster: Forecaster | Callable[[], Forecaster] | None = None,
    devices: Mapping[str, Sequence[Device]] | None = None,
    on_tick: Callable[[TickRecord], None] | None = None,
    again: bool = False,
    **unknown: Never,
) -> Results:
    """Run a scenario to its end and return the written results.

    Arguments are those of `Simulation`; `on_tick` is called after every tick. In a notebook a line
    says how many ticks are done. Whatever stops the run, what was recorded is written first, and
    the exception carries a note that says where.

    The same run that lies in `out`, complete and with every checksum right, is returned as it is,
    and a line on stderr says so (see `found`), unless there is an `on_tick`, or `again`.
    """
    refuse_fields(unknown)
    out = checked_folder(out)
    plugins = checked_plugins(Plugins(strategy, controller, detector, forecaster, devices))
    scenario = checked_scenario(scenario)
    scenario = scenario if seed is None else scenario.replace(seed=seed)
    if not (again or on_tick) and (there := found(scenario, out, plugins)):
        return _as_it_is(there, plugins)
    simulation = Simulation(
        scenario,
        out=out,
        strategy=strategy,
        controller=controller,
        detector=detector,
        forecaster=forecaster,
        devices=devices,
    )
    return _to_end(simulation, on_tick)


def _as_it_is(there: Results, plugins: Plugins) -> Results:
    """The finished run, with a line on stderr that says that nothing was run."""
    called = " The objects given were not called." if plugins.given() else ""
    sys.stderr.write(f"{told_of(there)}; again=True runs it again.{called}\n")
    return there


def found(scenario: Scenario, out: Path | str, plugins: Plugins | None = None) -> Results | None:
    """The run if it lies in `out`, complete, untouched from outside and with every checksum right.

    None if it does not, and for a run that does more than leave its folder: one that sends
    messages (`notify.sink`) or is wanted on a node (`chain.url`). Raises what `run_identity` does.
    """
    if scenario.notify.sink is not None or scenario.chain.url is not None:
        return None
    return finished_run(run_identity(scenario, plugins.given() if plugins else None), out)


def told_of(there: Results) -> str:
    """That a run was found, for people."""
    return f"{there.name} with seed {there.seed} has been run: {there.path}, checksums right"


def _to_end(simulation: Simulation, on_tick: Callable[[TickRecord], None] | None) -> Results:
    show = notebook_progress(simulation.scenario.name, simulation.scenario.clock.ticks)
    try:
        with simulation:
            while not simulation.done:
                record = simulation.step()
                if on_tick:
                    on_tick(record)
                if show:
                    show(simulation.tick)
    except BaseException as stop:
        with uninterrupted():
            stop.add_note(_kept(simulation))
        raise
    return simulation.results()


def _kept(simulation: Simulation) -> str:
    try:
        return f"the {simulation.tick} ticks recorded so far are kept in {simulation.write()}"
    except StorageError as error:
        return f"the {simulation.tick} ticks recorded so far are lost: {error}"
