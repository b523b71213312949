"""`runs` and `compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from p2p_cosim.cli.options import Json, RunFolder


def runs(
    folder: Annotated[Path, typer.Argument(help="Folder that runs were written below.")] = Path(
        "results"
    ),
    json: Json = False,
) -> None:
    """List the runs in a folder, those written last first, with the fields in which they differ."""
    from p2p_cosim.record import runs as list_runs

    found = list_runs(folder)
    if json:
        typer.echo(found.to_json(orient="records"))
    else:
        typer.echo(found.to_string(index=False) if len(found) else f"no run in {folder}")


def compare(a: RunFolder, b: RunFolder, json: Json = False) -> None:
    """Tell which fields of two runs differ, and which figures by how much."""
    from p2p_cosim.record import Results
    from p2p_cosim.record import compare as compare_runs

    found = compare_runs(Results.load(a), Results.load(b))
    if json:
        fields, figures = (frame.to_json(orient="index") for frame in (found.fields, found.figures))
        typer.echo(f'{{"fields": {fields}, "figures": {figures}}}')
    else:
        typer.echo(str(found))
