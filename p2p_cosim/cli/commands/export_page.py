"""`export-page`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from p2p_cosim.cli.options import RunFolder


def export_page(
    run: RunFolder,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write, not there yet; <scenario>_<run id> if not given."),
    ] = None,
) -> None:
    """Write a finished run as one folder of static pages with a time slider.

    Any static server shows them: python -m http.server -d FOLDER. They need no p2p_cosim.
    """
    from p2p_cosim.dapp.replay.export import export_page, finished

    found = finished(run)
    folder = out or Path(f"{found.name}_{found.manifest['run_id']}")
    export_page(found, folder)
    typer.echo(f"pages in {folder}; to look at them: python -m http.server -d {folder}")
