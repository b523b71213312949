"""`run`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from p2p_cosim.cli.options import (
    Backend,
    Change,
    Json,
    ScenarioFile,
    chain_named,
    changes,
)

Seed = Annotated[
    int | None, typer.Option(help="Root of every random number; the scenario's if not given.")
]


Out = Annotated[Path, typer.Option(help="Folder that results are written below.")]


def run(
    scenario: ScenarioFile,
    seed: Seed = None,
    chain: Backend = None,
    out: Out = Path("results"),
    change: Change = None,
    outside: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Run again with what came in from outside: the outside.jsonl of a run that people "
            "took part in.",
        ),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Run it even if it lies in OUT already, complete.")
    ] = False,
    plot: Annotated[bool, typer.Option("--plot", help="Draw the figures when done.")] = False,
    json: Json = False,
) -> None:
    """Run a scenario, tick by tick, and write its tables.

    The folder is OUT/<scenario>/<run id>; the id names scenario, seed and code, so the same
    run lands in the same place with the same bytes. One that is there already, complete and with
    every checksum right, is shown and not run again. Ctrl-C and SIGTERM keep what was recorded.
    """
    from p2p_cosim.cli.run import run_scenario
    from p2p_cosim.cli.signals import stoppable

    overrides: dict[str, object] = dict(changes(change))
    if seed is not None:
        overrides["seed"] = seed
    if chain is not None:
        overrides |= chain_named(chain)
    with stoppable():
        run_scenario(scenario, overrides, out, outside, plot=plot, as_json=json, again=again)
