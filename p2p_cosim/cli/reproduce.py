"""`reproduce`: published studies, checked or written anew."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from pathlib import Path

import typer

from p2p_cosim.cli.options import FAILED
from p2p_cosim.record import code_version
from p2p_cosim.studies import published
from p2p_cosim.studies.published import FIGURE, Rows, Study, Verdict
from p2p_cosim.studies.published.verdicts import duration
from p2p_cosim.sweeps import Finding, Settings, cores

_CODE_SHOWN = 12


class Command:
    """What was asked for. Raises InputError for a study that is not there."""

    def __init__(self, folder: Path, name: str, out: Path, workers: int | None) -> None:
        self._folder = folder
        self._studies = published.studies(folder, name)
        self._out, self._workers = out, workers or cores()
        self._verdicts = published.read_verdicts(folder)

    def write(self) -> None:
        """Run every study whole, store it, and note that what is stored holds."""
        for study in self._studies:
            made = published.run_rows(study, self._settings(study), None, _tell)
            published.store(study, made)
            problems = published.check_hashes(study) + published.repeat(study, made, whole=True)
            self._note(study, made, holds=not problems)
            typer.echo(f"{study.name}: {study.runs} runs stored in {study.folder}")

    def check(self, *, whole: bool, run: bool, note: bool = False) -> None:
        """Tell of each study whether it holds, and leave with 1 if one does not.

        note: write date and verdict of a whole run into the page.
        """
        failed = []
        for study in self._studies:
            problems = published.check_hashes(study)
            if run and not problems:
                problems = self._run(study, whole=whole, note=note)
            for problem in problems:
                typer.echo(f"{study.name}: {problem}")
            how = "checksums" if not run else "every run" if whole else f"{study.sample} runs"
            state = "DOES NOT HOLD" if problems else "holds"
            typer.echo(f"{study.name} {state} ({how} of {study.runs} compared)")
            failed += [study.name] * bool(problems)
        if failed:
            typer.echo(f"p2p-cosim: not reproduced: {', '.join(failed)}", err=True)
            raise typer.Exit(FAILED)

    def _run(self, study: Study, *, whole: bool, note: bool) -> list[str]:
        known = self._verdicts.get(study.name)
        cost = duration(known.cpu_s if known else None)
        part = "all" if whole else study.sample
        typer.echo(f"{study.name}: {part} of {study.runs} runs (all: {cost} of CPU)", err=True)
        chosen = None if whole else published.sample(study)
        made = published.run_rows(study, self._settings(study), chosen, _tell)
        problems = published.repeat(study, made, whole=whole)
        if note:
            self._note(study, made, holds=not problems)
        self._redraw(study)
        return problems

    def _settings(self, study: Study) -> Settings:
        """A folder for each study: two may share runs, and each has its whole cost."""
        return Settings(self._out / study.name, self._workers)

    def _redraw(self, study: Study) -> None:
        """Shown, and no verdict: fonts differ between machines."""
        file = self._out / study.name / FIGURE
        published.draw(study, file)
        change = published.image_difference(file, study.folder / FIGURE)
        typer.echo(f"{study.name}: figure in {file}, {change:.2%} from the stored one")

    def _note(self, study: Study, made: Rows, *, holds: bool) -> None:
        before = self._verdicts.get(study.name)
        cpu_s = made.cpu_s
        if cpu_s is None and before is not None and before.runs == study.runs:
            cpu_s = before.cpu_s
        verdict = Verdict(
            runs=study.runs,
            cpu_s=None if cpu_s is None else round(cpu_s, 1),
            date=datetime.now(UTC).date().isoformat(),
            code=code_version()[:_CODE_SHOWN],
            python=platform.python_version(),
            machine=f"{platform.system()} {platform.machine()}",
            holds=holds,
        )
        published.note(self._folder, {study.name: verdict})


def _tell(finding: Finding) -> None:
    typer.echo(f"{finding.run.label} {finding.outcome.status}", err=True)
