"""`run`: a scenario to its end, with a progress bar on stderr and a summary on stdout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from p2p_cosim.cli.money import deposits_that_end
from p2p_cosim.cli.report import print_summary
from p2p_cosim.compose.seeds import Purpose, seed_of
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.finishing import uninterrupted
from p2p_cosim.core.types import TickRecord, read_outside
from p2p_cosim.core.units import eur_per_kwh_of
from p2p_cosim.record import Results
from p2p_cosim.running import found, told_of
from p2p_cosim.running import run as run_to_end
from p2p_cosim.scenario import Scenario, build_profiles, load
from p2p_cosim.simulation import Simulation

_LONG_MIN = 2 * 24 * 60


def run_scenario(
    path: Path,
    changes: dict[str, object],
    out: Path,
    outside: Path | None = None,
    *,
    plot: bool,
    as_json: bool,
    again: bool = False,
) -> None:
    """Run, write, report and, if asked, draw. outside: file with what came in, to run again.

    again: run what lies in `out` already, too.
    """
    scenario = load(path).replace(changes)
    messages = Console(stderr=True, highlight=False, soft_wrap=True)
    there = None if again or outside else found(scenario, out)
    if there is not None:
        messages.print(f"{told_of(there)}; --again runs it again")
        results = there
    elif outside:
        results = _replayed(scenario, out, outside)
    else:
        if short := _short_of_money(scenario):
            messages.print(f"{scenario.name}: {short}")
        results = _run_with_progress(scenario, out)
    print_summary(results, as_json=as_json)
    if plot:
        from p2p_cosim import plots

        figures = plots.save_all(results)
        messages.print(f"tables in {results.path}, {len(figures)} figures in {figures[0].parent}")
    else:
        messages.print(f"tables in {results.path}; figures: p2p-cosim plot {results.path}")


def _short_of_money(scenario: Scenario) -> str | None:
    """Whether deposits end before the run, if it is so long that they may."""
    if scenario.clock.ticks * scenario.clock.interval_min < _LONG_MIN:
        return None
    return deposits_that_end(
        scenario, build_profiles(scenario, seed_of(scenario.seed, Purpose.PROFILES))
    )


def _replayed(scenario: Scenario, out: Path, file: Path) -> Results:
    """The run that took from outside what the file holds."""
    from p2p_cosim.dapp.outside import replay, terms_of

    try:
        inputs = read_outside(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read ({error}): name a run's outside.jsonl") from None
    with Simulation(scenario, out=out, terms=terms_of(inputs)) as simulation:
        try:
            replay(simulation, inputs)
        except BaseException as stop:
            with uninterrupted():
                folder = simulation.write()
            stop.add_note(f"the {simulation.tick} ticks so far are kept in {folder}")
            raise
    return simulation.results()


def _run_with_progress(scenario: Scenario, out: Path) -> Results:
    """The run, with a bar on a terminal and a line every tenth of the way elsewhere."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        if not console.is_terminal:
            return run_to_end(scenario, out=out, on_tick=_lines(scenario, console))
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[state]}"),
            console=console,
        ) as progress:
            return run_to_end(scenario, out=out, on_tick=_bar(scenario, progress))
    except KeyboardInterrupt as interrupt:
        interrupt.add_note("draw them with 'p2p-cosim plot', or run the same command again:")
        interrupt.add_note("the same scenario and seed give the same ticks from the start")
        raise


def _bar(scenario: Scenario, progress: Progress) -> Callable[[TickRecord], None]:
    task = progress.add_task(scenario.name, total=scenario.clock.ticks, state="")

    def show(record: TickRecord) -> None:
        progress.update(task, completed=record.tick + 1, state=_state(record, scenario))

    return show


def _lines(scenario: Scenario, console: Console) -> Callable[[TickRecord], None]:
    ticks = scenario.clock.ticks

    def show(record: TickRecord) -> None:
        done = record.tick + 1
        if 10 * done // ticks > 10 * record.tick // ticks:
            state = _state(record, scenario)
            console.print(f"{scenario.name}: tick {done} of {ticks}, {state}")

    return show


def _state(record: TickRecord, scenario: Scenario) -> str:
    """Time, MCP, volume and worst voltage of a tick, in one short line."""
    clearing, v_pu = record.gate.clearing, record.grid.house_v_pu
    price = "    -"
    if clearing.price_wei_per_wh is not None:
        eur = eur_per_kwh_of(clearing.price_wei_per_wh, scenario.tariff.eur_per_ether)
        price = f"{eur:.3f}"
    worst = max(v_pu, key=lambda v: abs(v - 1))
    return (
        f"{scenario.clock.clock().time(record.tick):%H:%M}  MCP {price} EUR/kWh  "
        f"{clearing.energy_wh / 1000:6.1f} kWh  {worst:.4f} pu"
    )
