"""`hosting-capacity`: how much PV fits under each controller."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import typer
from rich.console import Console

from p2p_cosim.scenario import load
from p2p_cosim.studies.hosting import HostingCapacity, Trial, hosting_capacity


def print_hosting_capacity(
    path: Path,
    changes: dict[str, object],
    controllers: Sequence[str],
    search: tuple[str, float, float, float],
    *,
    as_json: bool,
) -> None:
    """Search under each controller: progress on stderr, the table or JSON on stdout."""
    scenario = load(path).replace(changes)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    field, low, high, resolution = search
    found = {
        name: hosting_capacity(
            scenario.replace(controller=name), field, low, high, resolution, _tell(console, name)
        )
        for name in controllers or (scenario.control.controller,)
    }
    if as_json:
        typer.echo(json.dumps({name: asdict(capacity) for name, capacity in found.items()}))
        return
    width = max(len(name) for name in found)
    for name, capacity in found.items():
        typer.echo(f"{name:<{width}}  {_in_words(capacity)}")


def _tell(console: Console, controller: str) -> Callable[[Trial], None]:
    def tell(trial: Trial) -> None:
        outcome = "no violation"
        if trial.violation:
            outcome = f"{trial.violation[1]} exceeds the limit in tick {trial.violation[0]}"
        console.print(f"{controller}: {trial.value:g}: {outcome}")

    return tell


def _in_words(found: HostingCapacity) -> str:
    if found.capacity is None:
        return f"{found.field} below {found.limit:g}"
    if found.limit is None:
        return f"{found.field} at least {found.capacity:g}"
    return f"{found.field} {found.capacity:g} (violation at {found.limit:g})"
