"""`new`: the files that a study begins with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import typer

from p2p_cosim.core.errors import InputError, ScenarioError
from p2p_cosim.scenario import Scenario, load

SCENARIO = """\
# What is not written here has its default: p2p-cosim show {name}.yaml prints everything, and
# docs/scenario.md tells what each field means.
name: {name}
description: Thirty households, half of them with PV, trade for a summer day.
seed: 1

clock:
  start: 2024-06-21 00:00  # local mean solar time
  interval_min: 15
  ticks: 96

houses:
  count: 30

profiles:
  pv_share: 0.5

control:
  controller: reactive
"""
SWEEP = """\
# p2p-cosim sweep sweep.yaml --dry-run tells how long it takes; without --dry-run it runs.
base: {name}.yaml
description: What more PV does, under two controllers.
fields:
  pv_share: [0.2, 0.5, 0.8]       # a list is an axis
  controller: [hold, reactive]
  clock.start: 2024-06-21 10:00   # anything else is a constant
  clock.ticks: 16
seeds: 3                          # the same for every point
"""
CELLS = (
    ("markdown", "# {name}\n\nOne run, then the sweep of `sweep.yaml`."),
    (
        "code",
        "import p2p_cosim as p2p\n\n"
        'base = p2p.load("{name}.yaml")\nrun = p2p.run(base, seed=7)\nrun',
    ),
    ("code", "p2p.plots.price_and_volume(run)"),
    ("code", "p2p.plots.voltage_band(run)"),
    ("markdown", "Another controller, on the same day:"),
    (
        "code",
        'held = p2p.run(base.replace(controller="hold"), seed=7)\n'
        "[r.summary().house_ticks_outside for r in (run, held)]",
    ),
    ("markdown", "The sweep. Runs that are done already are not run again."),
    (
        "code",
        "found = p2p.sweep(\n"
        "    base,\n"
        '    {{"pv_share": [0.2, 0.5, 0.8], "controller": ["hold", "reactive"], '
        '"clock.start": "2024-06-21 10:00", "clock.ticks": 16}},\n'
        "    seeds=3,\n"
        '    name="sweep",\n'
        ")\n"
        'found.differences("house_ticks_outside", "controller", "hold")',
    ),
)


def begin(folder: Path) -> None:
    """Write a study into a new folder and say what to do next; all of it or nothing.

    Raises InputError if something of that name is there, it cannot name a scenario, or nothing can
    be written there.
    """
    name = folder.name
    if folder.exists():
        raise InputError(f"{folder} is there already: name another folder")
    try:
        Scenario(name=name)
    except ScenarioError as error:
        raise InputError(f"{error.problems[0].message}") from None
    new = folder.with_name(f".{name}.new")
    try:
        new.mkdir(parents=True)
        texts = {f"{name}.yaml": SCENARIO, "sweep.yaml": SWEEP}
        for file_name, text in texts.items():
            (new / file_name).write_text(text.format(name=name), encoding="utf-8")
        (new / f"{name}.ipynb").write_text(_notebook(name), encoding="utf-8")
        load(new / f"{name}.yaml")
        new.rename(folder)
    except BaseException as error:
        shutil.rmtree(new, ignore_errors=True)
        if isinstance(error, OSError):
            raise InputError(f"cannot make {folder}: {error.strerror}; name another") from None
        raise
    for file in sorted(folder.iterdir()):
        typer.echo(str(file))
    typer.echo(
        f"next: cd {folder}, then p2p-cosim run {name}.yaml --plot, or jupyter lab {name}.ipynb"
    )


def _notebook(name: str) -> str:
    """The notebook as JSON, without outputs."""
    cells = []
    for number, (kind, source) in enumerate(CELLS):
        cell: dict[str, object] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
        if kind == "code":
            cell |= {"outputs": [], "execution_count": None}
        cells.append(cell | {"source": source.format(name=name)})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    book = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, indent=1) + "\n"
