"""Runs the runs of a plan that are not there yet.

A run's folder is named by its identity and appears whole, so whatever ends a sweep, the next
attempt finds what is done and goes on from there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from p2p_cosim.record import Results, RunIdentity
from p2p_cosim.run_identity import finished_run, run_identity
from p2p_cosim.sweeps.local import LocalPool
from p2p_cosim.sweeps.plan import Plan, PlannedRun
from p2p_cosim.sweeps.task import COMPLETE, LOST, WAITING, Outcome, Task, execute

MOST_LOSSES = 3
"""A run whose worker died so often is given up: it is likely the run that kills them."""


def cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Pool(Protocol):
    """Where runs are executed."""

    def submit(self, task: Task) -> Future[Outcome]:
        """Execute a task some time; LOST is an outcome, an exception a fault of the pool."""
        ...

    def close(self) -> None:
        """End everything that the pool has begun."""
        ...


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run. out: folder of results. workers: at a time. again: run what is there, too.

    timeout_s, memory_mb: limits of one run. dask: see `cluster.DaskPool`; None runs on local
    workers. plugins: objects by role for every run.
    """

    out: Path
    workers: int = field(default_factory=cores)
    again: bool = False
    timeout_s: float | None = None
    memory_mb: float | None = None
    dask: Any = None
    plugins: Mapping[str, object] = field(default_factory=dict)

    def task(self, finding: Finding) -> Task:
        """The run as a worker is told."""
        limits = self.timeout_s, self.memory_mb
        return Task(finding.run.scenario, self.out, self.plugins, *limits, finding.identity)

    def pool(self, runs: int) -> Pool:
        """The pool to run in."""
        workers = max(1, min(self.workers, runs))
        if self.dask is None:
            return LocalPool(workers)
        from p2p_cosim.sweeps.cluster import DaskPool

        return DaskPool(self.dask, workers)


@dataclass(frozen=True, slots=True)
class Finding:
    """A planned run with its identity and what came of it. before: it was there already."""

    run: PlannedRun
    identity: RunIdentity
    outcome: Outcome
    before: bool = False

    @property
    def run_id(self) -> str:
        """The name of the run's folder."""
        return self.identity.run_id


OnDone = Callable[[Finding], None]


def look_up(plan: Plan, settings: Settings) -> list[Finding]:
    """What of a plan lies in the folder, complete and with every checksum right."""
    found: dict[str, Outcome] = {}
    findings = []
    for run in plan.runs:
        identity = run_identity(run.scenario, settings.plugins)
        if identity.run_id not in found:
            there = None if settings.again else finished_run(identity, settings.out)
            found[identity.run_id] = Outcome(WAITING) if there is None else _of(there)
        outcome = found[identity.run_id]
        findings.append(Finding(run, identity, outcome, outcome.status == COMPLETE))
    return findings


def run_plan(plan: Plan, settings: Settings, on_done: OnDone | None = None) -> list[Finding]:
    """Run what is not there yet, and say what came of each run, in the plan's order.

    Runs of equal content (a sample may hit a point twice) are run once. on_done is called after
    every run, in this thread. Ctrl-C ends the workers; what is written stays.
    """
    findings = look_up(plan, settings)
    first: dict[str, Finding] = {}
    for finding in findings:
        if not finding.before:
            first.setdefault(finding.run_id, finding)
    outcomes: dict[str, Outcome] = {}
    for done in _executed(list(first.values()), settings):
        outcomes[done.run_id] = done.outcome
        if on_done:
            on_done(done)
    return [replace(f, outcome=outcomes.get(f.run_id, f.outcome)) for f in findings]


def run_here(plan: Plan, index: int, settings: Settings) -> Finding:
    """Run one run of a plan in this process: a task of an array of a batch system.

    Raises IndexError for one that the plan has not.
    """
    run = plan.runs[index]
    identity = run_identity(run.scenario, settings.plugins)
    there = None if settings.again else finished_run(identity, settings.out)
    if there is not None:
        return Finding(run, identity, _of(there), before=True)
    waiting = Finding(run, identity, Outcome(WAITING))
    return replace(waiting, outcome=execute(settings.task(waiting)))


def _executed(waiting: list[Finding], settings: Settings) -> Iterator[Finding]:
    """The runs as they end, each once, whatever becomes of the workers."""
    if not waiting:
        return
    pool = settings.pool(len(waiting))
    losses: dict[str, int] = {}
    try:
        under_way = {pool.submit(settings.task(f)): f for f in waiting}
        while under_way:
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                finding, outcome = under_way.pop(future), future.result()
                lost = losses.get(finding.run_id, 0) + (outcome.status == LOST)
                losses[finding.run_id] = lost
                if outcome.status == LOST and lost < MOST_LOSSES:
                    under_way[pool.submit(settings.task(finding))] = finding
                else:
                    yield replace(finding, outcome=outcome)
    finally:
        pool.close()


def _of(results: Results) -> Outcome:
    return Outcome(COMPLETE, summary=results.summary().as_dict())
