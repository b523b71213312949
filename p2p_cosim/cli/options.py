"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from p2p_cosim.core.errors import InputError

FAILED, WRONG_INPUT, INTERRUPTED, TERMINATED = 1, 2, 130, 143

ScenarioFile = Annotated[
    Path,
    typer.Argument(
        metavar="SCENARIO", help="Scenario file, or the name of an example: trading_day."
    ),
]
Change = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="FIELD=VALUE",
        help="Change a field of the scenario, by its name or dotted path; may be repeated. "
        "Example: --set pv_share=0.8 --set market.k=0.4",
    ),
]
Backend = Annotated[
    str | None,
    typer.Option(
        metavar="BACKEND",
        help="The EVM to run the contract on: generated, pyevm, ethtester, anvil, or "
        "jsonrpc:URL of a running anvil or Hardhat node. See docs/chains.md.",
    ),
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Runs at a time; one a core if not given.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout instead.")]


def _found(name: Path) -> Path:
    from p2p_cosim.record import find_run

    return find_run(name)


RunFolder = Annotated[
    Path,
    typer.Argument(
        callback=_found,
        metavar="RUN",
        help="Folder of a run, as `run` printed it; `latest`; or the first characters of its id.",
    ),
]


def chain_named(name: str) -> dict[str, object]:
    """Fields of a scenario for what `--chain` names: a backend, or `jsonrpc:URL`."""
    backend, _, url = name.partition(":")
    return {"chain.backend": backend, "chain.url": url or None}


def changes(pairs: list[str] | None) -> list[tuple[str, object]]:
    """Fields and values of `--set`, in order; a value is read as it is in a scenario file.

    Raises InputError for one that is neither.
    """
    from p2p_cosim.scenario.yaml_text import parse

    found: list[tuple[str, object]] = []
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        parsed, problems = parse(value)
        if not equals or not name:
            raise InputError(f"--set {pair!r} is not FIELD=VALUE: write --set pv_share=0.8")
        found.append((name, value if problems else parsed))
    return found


def explain(error: BaseException, text: str = "") -> None:
    """Say on stderr what went wrong, with the notes that the error carries."""
    typer.echo(f"p2p-cosim: {text or error}", err=True)
    for note in getattr(error, "__notes__", ()):
        typer.echo(f"  {note}", err=True)
