"""Running a scenario to its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Never

from p2p_cosim.core.errors import StorageError
from p2p_cosim.core.protocols import Controller, Detector, Forecaster, Strategy
from p2p_cosim.core.types import TickRecord
from p2p_cosim.houses import Device
from p2p_cosim.record import Results
from p2p_cosim.scenario import Scenario
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
    **unknown: Never,
) -> Results:
    """Run a scenario to its end and return the written results.

    Arguments are those of `Simulation`; `on_tick` is called after every tick. Whatever stops the
    run, what was recorded is written first, and the exception carries a note that says where.
    """
    simulation = Simulation(
        scenario,
        seed,
        out=out,
        strategy=strategy,
        controller=controller,
        detector=detector,
        forecaster=forecaster,
        devices=devices,
        **unknown,
    )
    try:
        with simulation:
            while not simulation.done:
                record = simulation.step()
                if on_tick:
                    on_tick(record)
    except BaseException as stop:
        stop.add_note(_kept(simulation))
        raise
    return simulation.results()


def _kept(simulation: Simulation) -> str:
    try:
        return f"the {simulation.tick} ticks recorded so far are kept in {simulation.write()}"
    except StorageError as error:
        return f"the {simulation.tick} ticks recorded so far are lost: {error}"
