"""`docs`."""

from __future__ import annotations

from typing import Annotated

import typer


def docs(
    page: Annotated[
        str, typer.Argument(metavar="[PAGE]", help="As messages name it: docs/control.md, control.")
    ] = "",
) -> None:
    """List the pages of the documentation, or print one. Exit code 2 if there is no such page."""
    from p2p_cosim.cli.pages import pages, text, title

    if page:
        typer.echo(text(page))
        return
    known = pages()
    width = max(map(len, known))
    for name, file in known.items():
        typer.echo(f"{name:<{width}}  {title(file)}")
