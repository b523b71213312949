"""`examples`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def examples(
    copy: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Copy them, with their data, into this folder."),
    ] = None,
) -> None:
    """List the example scenarios, which run by their bare names, or copy them to change them."""
    from p2p_cosim.cli.examples import copy_to, list_all

    if copy is None:
        list_all()
    else:
        copy_to(copy)
