"""`run`: a scenario to its end, with a progress bar on stderr and a summary on stdout."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from p2p_cosim.cli.report import print_summary
from p2p_cosim.core.types import TickRecord
from p2p_cosim.core.units import eur_per_kwh_of
from p2p_cosim.record import Results
from p2p_cosim.scenario import Scenario, load
from p2p_cosim.simulation import run as run_to_end


def run_scenario(
    path: Path, changes: dict[str, object], out: Path, *, plot: bool, as_json: bool
) -> None:
    """Run, write, report and, if asked, draw."""
    scenario = load(path).replace(changes)
    results = _run_with_progress(scenario, out)
    print_summary(results, as_json=as_json)
    messages = Console(stderr=True, highlight=False, soft_wrap=True)
    if plot:
        from p2p_cosim import plots

        figures = plots.save_all(results)
        messages.print(f"tables in {results.path}, {len(figures)} figures in {figures[0].parent}")
    else:
        messages.print(f"tables in {results.path}; figures: p2p-cosim plot {results.path}")


def _run_with_progress(scenario: Scenario, out: Path) -> Results:
    console = Console(stderr=True, highlight=False)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[state]}"),
        console=console,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task(scenario.name, total=scenario.clock.ticks, state="")
        clock, rate = scenario.clock.clock(), scenario.tariff.eur_per_ether

        def show(record: TickRecord) -> None:
            state = f"{clock.time(record.tick):%H:%M}  {_state(record, rate)}"
            progress.update(task, completed=record.tick + 1, state=state)

        try:
            return run_to_end(scenario, out=out, on_tick=show)
        except KeyboardInterrupt as interrupt:
            interrupt.add_note("draw them with 'p2p-cosim plot', or run the same command again:")
            interrupt.add_note("the same scenario and seed give the same ticks from the start")
            raise


def _state(record: TickRecord, eur_per_ether: float) -> str:
    """MCP, volume and worst voltage of a tick, in one short line."""
    clearing, v_pu = record.gate.clearing, record.grid.house_v_pu
    price = (
        "    -"
        if clearing.price_wei_per_wh is None
        else (f"{eur_per_kwh_of(clearing.price_wei_per_wh, eur_per_ether):.3f}")
    )
    worst = max(v_pu, key=lambda v: abs(v - 1))
    return f"MCP {price} EUR/kWh  {clearing.energy_wh / 1000:6.1f} kWh  {worst:.4f} pu"
