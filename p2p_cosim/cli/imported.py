"""What an import understood, shown before anything is believed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import typer

from p2p_cosim.scenario.series.bring import Brought, bring
from p2p_cosim.scenario.series.form import SeriesForm
from p2p_cosim.scenario.series.said import minutes
from p2p_cosim.scenario.series.written import SIDECAR, write


def import_files(
    files: Sequence[Path], form: SeriesForm, pv_file: Path | None, out: Path | None
) -> None:
    """Read, show, and write if there is where to. ScenarioError for what is not understood."""
    brought = bring(files, form, pv_file)
    for line in understood(brought):
        typer.echo(line)
    if out is None:
        typer.echo("nothing is written: look it over, and give --out FILE.csv")
        return
    write(brought, [*files, *([pv_file] if pv_file else [])], out)
    typer.echo(f"written: {out}, and {out.name}{SIDECAR} with what was done")


def understood(brought: Brought) -> list[str]:
    """What was done, the houses with their energies, and what is doubtful; a line each."""
    frame = brought.frame
    step = frame.groupby("house")["timestamp"].diff().min()
    lines = [f"  {one}" for one in brought.conversions]
    every = "" if pd.isna(step) else f", a row every {minutes(step):g} min"
    lines.append(f"from {frame['timestamp'].min()} on{every}:")
    for name, rows in frame.groupby("house", sort=False):
        load, pv = rows["load_kw"], rows["pv_kw"]
        lines.append(
            f"  {name}: {len(rows)} rows, load {load.mean() * 24:.2f} kWh a day, at most "
            f"{load.max():.2f} kW; PV {pv.mean() * 24:.2f} kWh a day, at most {pv.max():.2f} kW"
        )
    return [*lines, *(f"look at this: {doubt}" for doubt in brought.doubts)]
