"""Rows of a study's table, from runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from p2p_cosim.core.errors import InputError
from p2p_cosim.record import Results, digest
from p2p_cosim.studies.published.derived import value_of
from p2p_cosim.studies.published.study import Study
from p2p_cosim.sweeps import Finding, Settings
from p2p_cosim.sweeps.engine import run_plan
from p2p_cosim.sweeps.task import COMPLETE

if TYPE_CHECKING:
    import pandas as pd

OnDone = Callable[[Finding], None]


@dataclass(frozen=True)
class Rows:
    """Rows of a study. table: index `row`; sweep, axes, seed, columns.

    cpu_s: what the runs took, without the start of their workers; None if some were there before.
    """

    table: pd.DataFrame
    cpu_s: float | None


def sample(study: Study) -> list[int]:
    """The rows that a check repeats, drawn by seed and the study's name."""
    rng = np.random.default_rng([study.sample_seed, int(digest(study.name)[:8], 16)])
    return sorted(int(row) for row in rng.choice(study.runs, study.sample, replace=False))


def run_rows(
    study: Study,
    settings: Settings,
    chosen: Sequence[int] | None = None,
    on_done: OnDone | None = None,
) -> Rows:
    """Run what is not there yet. chosen: which rows; None is all.

    Raises InputError with the first run that did not complete.
    """
    import pandas as pd

    rows, first, times_s = [], 0, []
    for file in study.sweeps:
        plan = file.plan
        wanted = tuple(r for r in plan.runs if chosen is None or first + r.index in chosen)
        for found in run_plan(replace(plan, runs=wanted), settings, on_done):
            summary = found.outcome.summary
            if found.outcome.status != COMPLETE or summary is None:
                raise InputError(
                    f"{study.name}: {found.run.label} {found.outcome.status}: {found.outcome.error}"
                )
            scenario = found.run.scenario
            run = Results.load(settings.out / scenario.name / found.run_id)
            values = {name: value_of(name, run, summary) for name in study.columns}
            point = {"sweep": plan.name, **found.run.point, "seed": scenario.seed}
            rows.append({"row": first + found.run.index, **point, **values})
            times_s.append(None if found.before else found.outcome.cpu_s)
        first += len(plan.runs)
    table = pd.DataFrame(rows).set_index("row")
    columns = [name for name in columns_of(study) if name in table.columns]
    known = [each for each in times_s if each is not None]
    return Rows(table[columns], sum(known) if len(known) == len(times_s) else None)


def columns_of(study: Study) -> list[str]:
    """Columns of a study's table, in order."""
    return ["sweep", *study.axes, "seed", *study.columns]
