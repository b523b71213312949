"""`sweep`: a sweep file to its table, with progress on stderr."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import typer
from rich.console import Console

from p2p_cosim.cli.options import FAILED
from p2p_cosim.core.errors import InputError
from p2p_cosim.sweeps import (
    Finding,
    Settings,
    Sweep,
    cores,
    estimate,
    load_sweep,
    run_here,
    run_sweep,
)
from p2p_cosim.sweeps.engine import look_up
from p2p_cosim.sweeps.task import COMPLETE

_LINES = 20  # of progress; failures are told besides


class Command:
    """What was asked for on the command line.

    Raises ScenarioError with everything that is wrong in the file.
    """

    def __init__(
        self,
        file: Path,
        changes: dict[str, object],
        out: Path,
        workers: int | None,
        dask: str | None,
        again: bool,
        as_json: bool,
    ) -> None:
        told = load_sweep(file, changes)
        self._plan = told.plan
        self._settings = Settings(
            out, workers or cores(), again, told.timeout_s, told.memory_mb, dask
        )
        self._as_json = as_json
        self._err = Console(stderr=True, highlight=False, soft_wrap=True)

    def dry_run(self) -> None:
        """Print runs, time and disk."""
        plan, cost = self._plan, estimate(self._plan, self._settings)
        typer.echo(f"{plan!r}; as an array: --index 0 to {len(plan.runs) - 1}")
        if cost.measured is None:
            typer.echo("all of them are complete")
            return
        outcome = cost.measured.outcome
        if outcome.status != COMPLETE:
            typer.echo(f"{cost.measured.run.label} {outcome.status}: {outcome.error}")
            raise typer.Exit(FAILED)
        typer.echo(
            f"{cost.measured.run.label} took {outcome.seconds:.1f} s, {outcome.memory_mb:.0f} MB "
            f"of memory and {cost.disk_mb:.2f} MB of disk"
        )
        typer.echo(
            f"the {cost.left} that are left would take {_duration(cost.left_s)} on "
            f"{self._settings.workers} workers and {cost.left_mb:.1f} MB of disk"
        )

    def one(self, index: int) -> None:
        """Run one run here."""
        if index >= len(self._plan.runs):
            raise InputError(f"--index {index}: the sweep has runs 0 to {len(self._plan.runs) - 1}")
        finding = run_here(self._plan, index, self._settings)
        self._err.print(_line(finding))
        if finding.outcome.status != COMPLETE:
            raise typer.Exit(FAILED)

    def all(self) -> None:
        """Run what is left, print what came of it, and leave with 1 if anything failed."""
        plan, settings = self._plan, self._settings
        there = sum(finding.before for finding in look_up(plan, settings))
        known = f", {there} are complete already" if there else ""
        self._err.print(f"{plan!r}{known}")
        found = run_sweep(plan, settings, self._progress(len(plan.runs) - there))
        failed = found.failed
        if self._as_json:
            typer.echo(json.dumps(_as_dict(found)))
        else:
            typer.echo(f"{len(found.complete)} of {len(found.runs)} runs are complete")
            typer.echo(f"table: {found.folder / 'table.csv'}")
            for index, row in failed.iterrows():
                told = f"{plan.runs[int(str(index))].label} {row['status']}: {row['error']}"
                typer.echo(f"{told}; its scenario: {row['scenario']}")
        if len(failed):
            raise typer.Exit(FAILED)

    def _progress(self, left: int) -> Callable[[Finding], None]:
        begun, done = time.monotonic(), 0

        def show(finding: Finding) -> None:
            nonlocal done
            done += 1
            failed = finding.outcome.status != COMPLETE
            if failed or _LINES * done // left > _LINES * (done - 1) // left:
                rest_s = (time.monotonic() - begun) / done * (left - done)
                self._err.print(f"{done} of {left}: {_line(finding)}, {_duration(rest_s)} left")

        return show


def _as_dict(found: Sweep) -> dict[str, object]:
    return {
        "folder": str(found.folder),
        "runs": len(found.runs),
        "complete": len(found.complete),
        "failed": [
            {"index": run.index, "status": run.status, "error": run.error}
            for run in found.runs
            if run.status != COMPLETE
        ],
    }


def _line(finding: Finding) -> str:
    outcome = finding.outcome
    if finding.before:
        return f"{finding.run.label} is complete already"
    told = f": {outcome.error}" if outcome.error else f" in {outcome.seconds:.1f} s"
    return f"{finding.run.label} {outcome.status}{told}"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
