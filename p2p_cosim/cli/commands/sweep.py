"""`sweep`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from p2p_cosim.cli.options import Change, Json, changes


def sweep(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Sweep file: docs/sweeps.md.")],
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Run one run, and tell what the others would take in time and disk."
        ),
    ] = False,
    index: Annotated[
        int | None,
        typer.Option(
            min=0, help="Run this run alone, in this process: a task of an array of a cluster."
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Runs at a time; one a core if not given.")
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Run on the workers of this Dask scheduler, or of a 'local' one.",
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Run what is there already, too.")] = False,
    out: Annotated[Path, typer.Option(help="Folder that results are written below.")] = Path(
        "results"
    ),
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
