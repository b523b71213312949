"""`run`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from p2p_cosim.cli.options import (
    INTERRUPTED,
    TERMINATED,
    Change,
    Json,
    ScenarioFile,
    changes,
    explain,
)

Seed = Annotated[
    int | None, typer.Option(help="Root of every random number; the scenario's if not given.")
]


Out = Annotated[Path, typer.Option(help="Folder that results are written below.")]
Backend = Annotated[
    str | None,
    typer.Option(
        metavar="BACKEND",
        help="The EVM to run the contract on: generated, pyevm, ethtester, anvil, or "
        "jsonrpc:URL of a running anvil or Hardhat node. See docs/chains.md.",
    ),
]


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
    plot: Annotated[bool, typer.Option("--plot", help="Draw the figures when done.")] = False,
    json: Json = False,
) -> None:
    """Run a scenario, tick by tick, and write its tables.

    The folder is OUT/<scenario>/<run id>; the id names scenario, seed and code, so the same
    run lands in the same place with the same bytes. Ctrl-C and SIGTERM keep what was recorded.
    """
    from p2p_cosim.cli.run import run_scenario
    from p2p_cosim.cli.signals import Terminated, sigterm_interrupts

    overrides: dict[str, object] = dict(changes(change))
    if seed is not None:
        overrides["seed"] = seed
    if chain is not None:
        backend, _, url = chain.partition(":")
        overrides |= {"chain.backend": backend, "chain.url": url or None}
    try:
        with sigterm_interrupts():
            run_scenario(scenario, overrides, out, outside, plot=plot, as_json=json)
    except KeyboardInterrupt as interrupt:
        terminated = isinstance(interrupt, Terminated)
        explain(interrupt, "terminated" if terminated else "interrupted")
        raise typer.Exit(TERMINATED if terminated else INTERRUPTED) from None
