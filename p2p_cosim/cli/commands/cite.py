"""`cite`."""

from __future__ import annotations

import typer


def cite() -> None:
    """Print how to cite p2p_cosim: as text and as BibTeX."""
    from p2p_cosim.cli.cite import bibtex, citation, text

    cff = citation()
    typer.echo(f"{text(cff)}\n\n{bibtex(cff)}")
