"""`doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def doctor(
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Folder that results are to go to.")
    ] = Path("results"),
) -> None:
    """Say which versions are installed, what is missing, and what that keeps one from.

    Exit code 1 if a run could not be made.
    """
    from p2p_cosim.cli.doctor import examine

    examine(out)
