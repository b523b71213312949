"""`examples`: what comes with the package, to run or to begin from."""

from __future__ import annotations

from pathlib import Path

import typer

from p2p_cosim.scenario import load
from p2p_cosim.scenario.examples import copy_examples, examples


def list_all() -> None:
    """Print the name and description of every example."""
    names = examples()
    width = max(map(len, names), default=0)
    for name, file in names.items():
        typer.echo(f"{name:<{width}}  {load(file).description}")
    typer.echo("run one by its name: p2p-cosim run trading_day")


def copy_to(folder: Path) -> None:
    """Copy every example into a folder and say which files were written."""
    for file in copy_examples(folder):
        typer.echo(str(file))
