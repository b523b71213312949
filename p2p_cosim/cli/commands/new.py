"""`new`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def new(
    study: Annotated[
        Path, typer.Argument(metavar="STUDY", help="Folder to make; the study is called so.")
    ],
) -> None:
    """Begin a study: a folder with a scenario, a sweep over it, and a notebook that runs both.

    Exit code 2 if the folder is there already, or its name is none for a scenario.
    """
    from p2p_cosim.cli.study import begin

    begin(study)
