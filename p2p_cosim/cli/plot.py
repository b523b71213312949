"""`plot`: figures from a run's tables."""

from __future__ import annotations

from pathlib import Path

import typer

from p2p_cosim import plots
from p2p_cosim.record import Results


def plot_run(folder: Path, out: Path | None, tick: int | None) -> None:
    """Draw every figure of a run and say where they are."""
    results = Results.load(folder)
    figures = plots.save_all(results, out, tick=tick)
    typer.echo(f"{len(figures)} figures in {figures[0].parent}")
