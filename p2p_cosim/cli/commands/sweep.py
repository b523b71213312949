"""`sweep`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from p2p_cosim.cli.options import Change, Json, Workers, changes

SweepFile = Annotated[Path, typer.Argument(metavar="FILE", help="Sweep file: docs/sweeps.md.")]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Run one run, and tell what the others would take in time and disk."
    ),
]
Index = Annotated[
    int | None,
    typer.Option(
        min=0, help="Run this run alone, in this process: a task of an array of a cluster."
    ),
]
Dask = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS", help="Run on the workers of this Dask scheduler, or of a 'local' one."
    ),
]
Again = Annotated[bool, typer.Option("--again", help="Run what is there already, too.")]
Out = Annotated[Path, typer.Option(help="Folder that results are written below.")]


def sweep(
    file: SweepFile,
    dry_run: DryRun = False,
    index: Index = None,
    workers: Workers = None,
    dask: Dask = None,
    again: Again = False,
    out: Out = Path("results"),
    change: Change = None,
    json: Json = False,
) -> None:
    """Run a scenario over many values of its fields.

    The same command again goes on where the last one stopped: what is complete is not run again.
    """
    from p2p_cosim.cli.signals import KEPT, stoppable
    from p2p_cosim.cli.sweep import Command

    command = Command(file, dict(changes(change)), out, workers, dask, again, json)
    with stoppable(KEPT):
        if dry_run:
            command.dry_run()
        elif index is not None:
            command.one(index)
        else:
            command.all()
