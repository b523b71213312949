"""`hosting-capacity`: how much PV fits under each controller."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer
from rich.console import Console

from p2p_cosim.core.errors import InputError
from p2p_cosim.scenario import load
from p2p_cosim.studies.hosting import LIMITS, HostingCapacity, Limits, Trial, hosting_capacity

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PERCENTS = (5, 50, 95)
FIGURE_SUFFIXES = (".png", ".pdf", ".svg")


@dataclass(frozen=True, slots=True)
class Scan:
    """What to scan, how often, and against which limits."""

    field: str
    values: tuple[float, ...]
    draws: int
    days: tuple[date, ...]
    size_spread: float
    limits: Limits


def values_of(
    field: str, low: float | None, high: float | None, step: float | None
) -> tuple[float, ...]:
    """The values of a scan, with what holds for the field where nothing is given.

    Raises InputError for a step that is none, or a highest value below the lowest.
    """
    share = field == "pv_share"
    most = (1.0 if share else 20.0) if high is None else high
    apart = (0.1 if share else 2.0) if step is None else step
    least = apart if low is None else low
    if not apart > 0:
        raise InputError(f"--step {apart:g} is not above 0: values lie that far apart")
    if most < least:
        raise InputError(f"--high {most:g} is below the lowest value, {least:g}: raise it")
    count = 1 + int((most - least) / apart + 1e-9)  # 0.3 / 0.1 is a little less than 3
    return tuple(round(least + apart * i, 9) for i in range(count))


def print_hosting_capacity(
    path: Path,
    changes: dict[str, object],
    controllers: Sequence[str],
    scan: Scan,
    *,
    as_json: bool,
    figure: Path | None,
) -> None:
    """Scan under each controller: progress on stderr, the table or JSON on stdout."""
    scenario = load(path).replace(changes)
    names = controllers or (scenario.control.controller,)
    arms = {name: scenario.replace(controller=name) for name in names}
    if figure:
        _check_figure(figure)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    found = {}
    for name, arm in arms.items():
        found[name] = hosting_capacity(
            arm,
            *(scan.field, scan.values, scan.draws, scan.days),
            size_spread=scan.size_spread,
            limits=scan.limits,
            on_trial=lambda trial, name=name: _tell(console, name, trial, scan),  # type: ignore[misc]
        )
    if figure:
        _draw(found, scan.field, figure)
    if as_json:
        typer.echo(json.dumps({name: _figures(capacity) for name, capacity in found.items()}))
        return
    for line in _lines(found):
        typer.echo(line)


def _check_figure(path: Path) -> None:
    """Before the scan, which takes long. InputError for what cannot be drawn there."""
    if path.suffix not in FIGURE_SUFFIXES:
        raise InputError(f"--figure {path}: end it with {', '.join(FIGURE_SUFFIXES)}")
    if not path.parent.is_dir():
        raise InputError(f"--figure {path}: there is no folder {path.parent}, make it first")


def _draw(found: Mapping[str, HostingCapacity], field: str, path: Path) -> None:
    from p2p_cosim.plots import hosting_capacity as draw

    ax = draw({name: capacity.table() for name, capacity in found.items()}, field)
    cast("Figure", ax.get_figure(root=True)).savefig(path)


def _tell(console: Console, controller: str, trial: Trial, scan: Scan) -> None:
    if trial.value == scan.values[-1]:
        console.print(f"{controller}: {trial.day}, draw {trial.draw + 1} of {scan.draws}")


def _figures(found: HostingCapacity) -> dict[str, object]:
    limits: tuple[str | None, ...] = (None, *LIMITS)
    return {
        "field": found.field,
        "values": found.values,
        "percentiles": {
            limit or "all": {str(p): found.percentile(p, limit) for p in PERCENTS}
            for limit in limits
        },
        "not_monotone": found.not_monotone(),
    }


def _lines(found: Mapping[str, HostingCapacity]) -> list[str]:
    """Percentiles over draws: of all limits together, then of each that was ever violated."""
    lines = []
    width = max(len(name) for name in found)
    for name, capacity in found.items():
        violated = {limit for trial in capacity.trials for limit in trial.violated}
        for limit in (None, *(limit for limit in LIMITS if limit in violated)):
            shown = ", ".join(f"P{p} {_value(capacity.percentile(p, limit))}" for p in PERCENTS)
            lines.append(f"{name:<{width}}  {limit or 'all limits':<11}  {capacity.field} {shown}")
    return lines


def _value(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"
