"""A sweep that has been run: its table, its tables, and what did not work."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from p2p_cosim.arguments import refuse_unswept
from p2p_cosim.core.errors import InputError, ResultsError, SweepError
from p2p_cosim.record import Results
from p2p_cosim.record.folder import cannot_write
from p2p_cosim.scenario import Scenario
from p2p_cosim.sweeps import tables
from p2p_cosim.sweeps.designs import FACTORIAL
from p2p_cosim.sweeps.engine import Finding, OnDone, Settings, cores, look_up, run_plan
from p2p_cosim.sweeps.plan import Plan, make_plan
from p2p_cosim.sweeps.task import COMPLETE, WAITING

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

SUFFIX = ".sweep"
INDEX_FILE, TABLE_FILE, FAILED_FOLDER = "sweep.json", "table.csv", "failed"
_FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class SweptRun:
    """One run of a sweep. point: values by axis. status: complete, failed, timed out, over
    memory, lost (its workers died) or waiting."""

    index: int
    arm: int
    seed: int
    point: Mapping[str, Any]
    run_id: str
    status: str
    error: str = ""
    seconds: float = 0.0


class Sweep:
    """The runs of a sweep, from `p2p_cosim.sweep(...)` or from its folder.

    folder: `<out>/<sweep name>.sweep`, beside the folders of the runs.
    """

    def __init__(self, folder: Path, told: Mapping[str, Any], summaries: _Summaries) -> None:
        self.folder = folder
        self.name: str = told["name"]
        self.axes: tuple[str, ...] = tuple(told["axes"])
        self.design: str = told["design"]
        self.runs = tuple(SweptRun(**run) for run in told["runs"])
        self._scenario_name: str = told["scenario"]
        self._summaries = dict(summaries)

    @classmethod
    def load(cls, folder: str | Path) -> Sweep:
        """Open a sweep's folder. Raises ResultsError if it is none."""
        file = Path(folder) / INDEX_FILE
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ResultsError(f"{folder} is no folder of a sweep: {error}") from None
        if not isinstance(told, dict) or told.get("format_version") != _FORMAT_VERSION:
            raise ResultsError(f"{file} is of another version; run the sweep again")
        try:
            return cls(Path(folder), told, {})
        except (KeyError, TypeError) as error:
            raise ResultsError(f"{file} is damaged ({error}); run the sweep again") from None

    @property
    def complete(self) -> tuple[SweptRun, ...]:
        """Runs that are done."""
        return tuple(run for run in self.runs if run.status == COMPLETE)

    @property
    def failed(self) -> pd.DataFrame:
        """Runs that failed, timed out, took too much memory or were lost, with error and scenario;
        index `index`. The scenario of each is in `<folder>/failed/run_<index>.yaml`."""
        import pandas as pd

        columns = ["index", "status", "error", *self.axes, "seed", "scenario"]
        rows = [
            (r.index, r.status, r.error, *r.point.values(), r.seed, self._failed_file(r.index))
            for r in self.runs
            if r.status not in (COMPLETE, WAITING)
        ]
        return pd.DataFrame(rows, columns=columns).set_index("index")

    def results(self, index: int) -> Results:
        """One run's tables. ResultsError if it is not complete."""
        run = self.runs[index]
        if run.status != COMPLETE:
            raise ResultsError(f"run {index} of {self.name} is {run.status}: {run.error}")
        return Results.load(self._path(run))

    def table(self, *figures: str) -> pd.DataFrame:
        """One row a complete run: axes, `seed`, and the figures of `Results.summary`, or those
        named. Index `index`, the number of the run.

        Raises ResultsError for a figure that no summary has.
        """
        return tables.tidy(self._rows(), self.axes, figures)

    def means(self, *figures: str, level: float = 0.95) -> pd.DataFrame:
        """Mean over seeds of each arm, with bootstrap intervals of this level (0.95 for 95 %): see
        `statistics.means`."""
        from p2p_cosim.statistics import means

        table = self.table(*figures)
        return means(table, self.axes, tables.numeric(table, self.axes), level=level)

    def differences(self, figure: str, axis: str, baseline: object) -> pd.DataFrame:
        """What each value of an axis does to a figure, against one of its values, seed by seed:
        see `statistics.paired_differences`."""
        from p2p_cosim.statistics import paired_differences

        self._check_axis(axis)
        return paired_differences(self.table(figure), figure, axis, baseline)

    def sobol(self, figure: str) -> pd.DataFrame:
        """First-order and total Sobol indices of a figure: see `tables.sobol_indices`."""
        return tables.sobol_indices(self.table(figure), self.runs, self.axes, self.design, figure)

    def sql(self, query: str) -> pd.DataFrame:
        """One SELECT over all complete runs: table `runs` is `table()` with `run_id`, and every
        table of docs/results.md has a column `run_id`. See `sql.select`."""
        from p2p_cosim.sweeps.sql import select

        return select(query, self.table(), self.complete, self.folder.parent, self._scenario_name)

    def to_xarray(self) -> xr.Dataset:
        """The table's numbers over axes and seeds (a factorial design), or over points and seeds.
        Extra `data`."""
        return tables.to_xarray(self.table(), self.runs, self.axes, self.design)

    def to_netcdf(self, path: str | Path) -> None:
        """`to_xarray` as a NetCDF 4 file. Money is in EUR as float64. Extra `data`."""
        self.to_xarray().to_netcdf(path, engine="h5netcdf")

    def to_csv(self, path: str | Path) -> None:
        """The table as CSV, with the run ids."""
        ids = {run.index: run.run_id for run in self.runs}
        table = self.table()
        table.insert(0, "run_id", [ids[index] for index in table.index])
        table.to_csv(path, lineterminator="\n")

    def __repr__(self) -> str:
        lacking = len(self.runs) - len(self.complete)
        state = f", {lacking} not complete" if lacking else ""
        over = f" of {', '.join(self.axes)}" if self.axes else ""
        return (
            f"Sweep({self.name!r}, {len(self.runs)} run{'s'[: len(self.runs) != 1]}{over}{state})"
        )

    def _repr_html_(self) -> str:
        shown = self.table().to_html(max_rows=20) if self.complete else ""
        return f"<p><code>{html.escape(repr(self))}</code></p>{shown}"

    def _check_axis(self, axis: str) -> None:
        if axis not in self.axes:
            raise InputError(f"{axis!r} is no axis of {self.name}: {', '.join(self.axes)}")

    def _path(self, run: SweptRun) -> Path:
        return self.folder.parent / self._scenario_name / run.run_id

    def _failed_file(self, index: int) -> str:
        return str(self.folder / FAILED_FOLDER / f"run_{index}.yaml")

    def _rows(self) -> Iterator[tuple[SweptRun, Mapping[str, object]]]:
        for run in self.complete:
            if run.run_id not in self._summaries:
                self._summaries[run.run_id] = self.results(run.index).summary().as_dict()
            yield run, self._summaries[run.run_id]


_Summaries = Mapping[str, Mapping[str, object]]


def sweep(
    base: Scenario,
    fields: Mapping[str, object] | None = None,
    *,
    points: Sequence[Mapping[str, object]] = (),
    design: str = FACTORIAL,
    samples: int | None = None,
    seeds: int | Sequence[int] = 1,
    name: str | None = None,
    out: str | Path = "results",
    workers: int | None = None,
    again: bool = False,
    timeout_s: float | None = None,
    memory_mb: float | None = None,
    dask: Any = None,
    on_done: OnDone | None = None,
    **plugins: object,
) -> Sweep:
    """Run a scenario over many values of its fields, on all cores.

        found = p2p.sweep(base, {"pv_share": [0.2, 0.5, 0.8], "controller": "hold"}, seeds=5)
        found.means("welfare_eur")

    A list or range in `fields` is an axis, anything else a constant; docs/sweeps.md tells the
    rest. Runs that lie in `out` already, complete and unchanged, are not run again unless `again`.
    design, samples: of `fields` that sample, and how many points. workers: processes; by default
    one a core. timeout_s, memory_mb: limits of one run. dask:
    a scheduler's address, "local", or a Client or cluster. plugins: `strategy`, `controller`,
    `detector`, as `p2p_cosim.run` takes them.

    Raises ScenarioError with every problem of every run before the first begins, and SweepError
    if every run fails.
    """
    refuse_unswept(plugins)
    plan = make_plan(
        base, fields, points=points, design=design, samples=samples, seeds=seeds, name=name
    )
    count = cores() if workers is None else workers
    limits = Settings(Path(out), count, again, timeout_s, memory_mb, dask, plugins)
    return run_sweep(plan, limits, on_done)


def run_sweep(plan: Plan, settings: Settings, on_done: OnDone | None = None) -> Sweep:
    """Run a plan and write its folder. Raises SweepError if every run failed."""
    swept = finish(plan, settings, run_plan(plan, settings, on_done))
    if not swept.complete:
        first = swept.runs[0]
        raise SweepError(
            f"all {len(swept.runs)} runs of {plan.name} failed; the first, {plan.runs[0].label}: "
            f"{first.error or first.status}; all of them: {swept.folder / FAILED_FOLDER}"
        )
    return swept


def gather(plan: Plan, settings: Settings) -> Sweep:
    """The sweep from what lies in the folder, without running anything."""
    return finish(plan, settings, look_up(plan, settings))


def finish(plan: Plan, settings: Settings, findings: Sequence[Finding]) -> Sweep:
    """Write the sweep's folder: the index, the table, and the scenarios of what failed.

    Raises StorageError if that cannot be written; the runs stay, and the next attempt finds them.
    """
    folder = settings.out / f"{plan.name}{SUFFIX}"
    told = {
        "format_version": _FORMAT_VERSION,
        **{"name": plan.name, "description": plan.description, "scenario": plan.base.name},
        **{"axes": list(plan.axes), "design": plan.design, "seeds": list(plan.seeds)},
        "base": plan.base.resolved(),
        "runs": [asdict(_swept(finding)) for finding in findings],
    }
    summaries = {f.run_id: f.outcome.summary for f in findings if f.outcome.summary is not None}
    swept = Sweep(folder, json.loads(json.dumps(told)), summaries)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / INDEX_FILE, json.dumps(told, indent=1, ensure_ascii=False) + "\n")
        _write_failed(folder / FAILED_FOLDER, findings)
        if swept.complete:
            new = folder / f".{TABLE_FILE}.{os.getpid()}"
            swept.to_csv(new)
            new.replace(folder / TABLE_FILE)
    except OSError as error:
        raise cannot_write(folder, error) from error
    return swept


def _swept(finding: Finding) -> SweptRun:
    run, outcome = finding.run, finding.outcome
    return SweptRun(
        *(run.index, run.arm, run.scenario.seed, dict(run.point)),
        finding.run_id,
        outcome.status,
        outcome.error,
        round(outcome.seconds, 3),
    )


def _write_failed(folder: Path, findings: Sequence[Finding]) -> None:
    for old in folder.glob("run_*.yaml"):
        old.unlink(missing_ok=True)  # another sweep of that name may have removed it
    for finding in findings:
        if finding.outcome.status not in (COMPLETE, WAITING):
            folder.mkdir(exist_ok=True)
            file = folder / f"run_{finding.run.index}.yaml"
            _write(file, finding.run.scenario.to_yaml())


def _write(file: Path, text: str) -> None:
    new = file.with_name(f".{file.name}.{os.getpid()}")
    new.write_text(text, encoding="utf-8", newline="\n")
    new.replace(file)
