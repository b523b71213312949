"""`serve`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from p2p_cosim.cli.options import Backend, Change, chain_named, changes
from p2p_cosim.core.errors import InputError

if TYPE_CHECKING:
    from p2p_cosim.dapp.classroom import Classroom

LATEST = "latest"
IN_CLEAR = (
    "this address is reached over plain http: join codes and what is sent travel in clear, wallet "
    "extensions do not work there, demo wallets do. Use it in a network that you trust"
)


What = Annotated[
    Path,
    typer.Argument(
        metavar="[SCENARIO|RUN]",
        help="Scenario file, or the name of an example: trading_day. The folder of a finished "
        "run, or `latest`: to look at that run.",
    ),
]
Host = Annotated[str, typer.Option(help="Address to listen on; whoever reaches it can take part.")]
Out = Annotated[Path, typer.Option(help="Folder that results are written below.")]
Players = Annotated[
    int, typer.Option(min=0, max=200, help="Of a class: each gets a join code and a house.")
]


def serve(
    scenario: What = Path("trading_day"),
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 takes a free one.")] = 8000,
    seed: Annotated[int | None, typer.Option(help="The scenario's if not given.")] = None,
    chain: Backend = None,
    players: Players = 0,
    out: Out = Path("results"),
    change: Change = None,
) -> None:
    """Run a scenario that people take part in: with a wallet, or by watching in a browser.

    It stands still with the gate of its first interval open until somebody steps or plays.
    A finished run is shown with a time slider, and nobody can change it.
    """
    if scenario.is_dir() or scenario.name == LATEST:
        given = {"--seed": seed, "--chain": chain, "--set": change, "--players": players}
        _replay(scenario, host, port, given)
        return
    from p2p_cosim.core.web import is_loopback
    from p2p_cosim.dapp.serve import serve as serve_session
    from p2p_cosim.scenario import load

    overrides: dict[str, object] = dict(changes(change))
    if seed is not None:
        overrides["seed"] = seed
    if chain is not None:
        overrides |= chain_named(chain)
    loaded = load(scenario).replace(overrides)

    def told(url: str, classroom: Classroom | None) -> None:
        typer.echo(f"serving {loaded.name} on {url}; Ctrl-C ends it", err=True)
        for line in _class_lines(classroom, url) if classroom else ():
            typer.echo(line, err=True)
        if not is_loopback(host):
            typer.echo(IN_CLEAR, err=True)

    serve_session(loaded, out, host, port, told, players)


def _class_lines(classroom: Classroom, url: str) -> list[str]:
    """What a teacher needs to begin."""
    codes = [f"  {seat.house:<10} {seat.code}" for seat in classroom.seats]
    return [
        f"players join at {url}/#/class with a code each:",
        *codes,
        f"the teacher's code, for the clock on the same page: {classroom.teacher}",
    ]


def _replay(run: Path, host: str, port: int, given: Mapping[str, object]) -> None:
    """Show a finished run. Raises InputError for options that would change it."""
    from p2p_cosim.dapp.replay.serve import replay
    from p2p_cosim.record import find_run

    folder = find_run(run)
    if wrong := [name for name, value in given.items() if value]:
        raise InputError(
            f"{', '.join(wrong)} would change a run that is over: leave it out, or serve a scenario"
        )

    def told(url: str) -> None:
        typer.echo(f"showing the run {folder} on {url}; Ctrl-C ends it", err=True)

    replay(folder, host, port, told)
