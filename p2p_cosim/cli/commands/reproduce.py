"""`reproduce`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from p2p_cosim.cli.options import Workers
from p2p_cosim.core.errors import InputError

StudyName = Annotated[str, typer.Argument(metavar="[STUDY|all]")]
Whole = Annotated[bool, typer.Option("--whole", help="Run every run of the study, not a sample.")]
VerifyOnly = Annotated[
    bool, typer.Option("--verify-only", help="Compare checksums, and run nothing.")
]
Write = Annotated[
    bool,
    typer.Option("--write", help="Run everything and store tables, figures, checksums anew."),
]
Note = Annotated[
    bool, typer.Option("--note", help="With --whole: write date and verdict beside the studies.")
]
Published = Annotated[Path, typer.Option(help="Folder of the published studies.")]
Out = Annotated[Path, typer.Option(help="Folder that runs are written below.")]


def reproduce(
    study: StudyName = "all",
    whole: Whole = False,
    verify_only: VerifyOnly = False,
    write: Write = False,
    note: Note = False,
    published: Published = Path("results/published"),
    out: Out = Path("results/reproduced"),
    workers: Workers = None,
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
