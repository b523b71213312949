"""What a sweep would cost, from one of its runs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from p2p_cosim.sweeps.engine import Finding, Settings, look_up
from p2p_cosim.sweeps.plan import Plan
from p2p_cosim.sweeps.task import COMPLETE


@dataclass(frozen=True, slots=True)
class Estimate:
    """runs: of the plan. left: that are not there yet, the measured one not counted.

    measured: the first of those that were not there, run now and kept; None if all were.
    disk_mb: of its folder. left_s, left_mb: what the others would take if they are like it.
    """

    runs: int
    left: int
    measured: Finding | None = None
    disk_mb: float = 0.0
    left_s: float = 0.0
    left_mb: float = 0.0


def estimate(plan: Plan, settings: Settings) -> Estimate:
    """Run the first run that is not there yet and take the others to be like it."""
    waiting = {f.run_id: f for f in reversed(look_up(plan, settings)) if not f.before}
    if not waiting:
        return Estimate(len(plan.runs), 0)
    first = min(waiting.values(), key=lambda finding: finding.run.index)
    pool = settings.pool(1)
    try:
        outcome = pool.submit(settings.task(first)).result()
    finally:
        pool.close()
    left = len(waiting) - 1
    measured = replace(first, outcome=outcome)
    if outcome.status != COMPLETE:
        return Estimate(len(plan.runs), left, measured)
    folder = settings.out / plan.base.name / first.run_id
    disk_mb = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    workers = max(1, min(settings.workers, left))
    left_s = outcome.seconds * left / workers
    return Estimate(len(plan.runs), left, measured, disk_mb, left_s, disk_mb * left)
