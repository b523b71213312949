"""`plot`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from p2p_cosim.cli.options import RunFolder


def plot(
    run: RunFolder,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the figures; RUN/figures if not given.")
    ] = None,
    tick: Annotated[
        int | None,
        typer.Option(help="Tick of the supply and demand curve and of the feeder map."),
    ] = None,
) -> None:
    """Draw the figures of a run as PNG and SVG, from its tables alone."""
    from p2p_cosim.cli.plot import plot_run

    plot_run(run, out, tick)
