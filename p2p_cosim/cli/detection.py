"""`train-detector` and `evaluate-detector`."""

from __future__ import annotations

import shutil
from pathlib import Path

from rich.console import Console

from p2p_cosim.detection.learned import load_model
from p2p_cosim.plots import detection as figures
from p2p_cosim.studies.detection import evaluate as measuring
from p2p_cosim.studies.detection import report, train, worlds
from p2p_cosim.studies.detection.worlds import MATCHED, WORLDS

_console = Console(stderr=True, highlight=False, soft_wrap=True)


def train_detector(out: Path, *, seed: int, quick: bool) -> None:
    """Train, and write the model."""
    base = train.QUICK if quick else train.Training()
    settings = train.with_seed(base, seed)
    path = train.write_model(train.train(settings, WORLDS[MATCHED].world, _console.print), out)
    _console.print(f"model of {path.stat().st_size} bytes in {path}")


def evaluate_detector(
    out: Path, model: Path | None, page: Path | None, *, quick: bool, long: bool
) -> None:
    """Measure, write verdicts, tables and figures, and fill the page and figures/ beside it."""
    extent = measuring.LONG if long else measuring.Extent()
    extent = measuring.QUICK if quick else extent
    measured = worlds.evaluate_all(extent, load_model(model), _console.print)
    verdicts = report.write_json(measured, out / "detection.json")
    limits = report.limits(WORLDS[MATCHED].world)
    text = report.markdown(measured) + "\n\n### Signal against noise\n\n" + limits
    (out / "detection.md").write_text(text + "\n", encoding="utf-8")
    drawn = figures.save(verdicts, out)
    if page is not None:
        report.replace_measured(page, text)
        beside = page.parent / "figures"
        beside.mkdir(exist_ok=True)
        for figure in drawn:
            if figure.suffix == ".png":
                shutil.copy(figure, beside / figure.name)
    count = sum(len(one.verdicts) for one in measured.values())
    _console.print(f"{count} verdicts in {verdicts}, {len(drawn)} figures")
