"""`serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from p2p_cosim.cli.options import Change, changes


def serve(
    scenario: Annotated[
        Path,
        typer.Argument(
            metavar="[SCENARIO]", help="Scenario file, or the name of an example: trading_day."
        ),
    ] = Path("trading_day"),
    host: Annotated[
        str, typer.Option(help="Address to listen on; whoever reaches it can take part.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 takes a free one.")] = 8000,
    seed: Annotated[int | None, typer.Option(help="The scenario's if not given.")] = None,
    chain: Annotated[
        str | None, typer.Option(metavar="BACKEND", help="The EVM, as in `run`.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder that results are written below.")] = Path(
        "results"
    ),
    change: Change = None,
) -> None:
    """Run a scenario that people take part in: with a wallet, or by watching in a browser.

    It stands still with the gate of its first interval open until somebody steps or plays.
    """
    from p2p_cosim.dapp.serve import serve as serve_session
    from p2p_cosim.scenario import load

    overrides: dict[str, object] = dict(changes(change))
    if seed is not None:
        overrides["seed"] = seed
    if chain is not None:
        overrides["chain.backend"] = chain
    loaded = load(scenario).replace(overrides)

    def told(url: str) -> None:
        typer.echo(f"serving {loaded.name} on {url}; Ctrl-C ends it", err=True)

    serve_session(loaded, out, host, port, told)
