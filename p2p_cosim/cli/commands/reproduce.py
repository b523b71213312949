"""`reproduce`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from p2p_cosim.core.errors import InputError


def reproduce(
    study: Annotated[str, typer.Argument(metavar="[STUDY|all]")] = "all",
    whole: Annotated[
        bool, typer.Option("--whole", help="Run every run of the study, not a sample.")
    ] = False,
    verify_only: Annotated[
        bool, typer.Option("--verify-only", help="Compare checksums, and run nothing.")
    ] = False,
    write: Annotated[
        bool,
        typer.Option("--write", help="Run everything and store tables, figures, checksums anew."),
    ] = False,
    note: Annotated[
        bool,
        typer.Option("--note", help="With --whole: write date and verdict beside the studies."),
    ] = False,
    published: Annotated[Path, typer.Option(help="Folder of the published studies.")] = Path(
        "results/published"
    ),
    out: Annotated[Path, typer.Option(help="Folder that runs are written below.")] = Path(
        "results/reproduced"
    ),
    workers: Annotated[
        int | None, typer.Option(min=1, help="Runs at a time; one a core if not given.")
    ] = None,
) -> None:
    """Check published studies: checksums, a sample of runs against the stored rows, the figure.

    Exit code 1, and the study's name, if one does not hold. What was run before is not run again.
    """
    from p2p_cosim.cli.reproduce import Command
    from p2p_cosim.cli.signals import KEPT, stoppable

    if write + whole + verify_only > 1:
        raise InputError("--whole, --verify-only and --write exclude each other: give one")
    if note and not whole:
        raise InputError("--note is about whole studies: give --whole with it")
    command = Command(published, study, out, workers)
    with stoppable(KEPT):
        if write:
            command.write()
        else:
            command.check(whole=whole, run=not verify_only, note=note)
