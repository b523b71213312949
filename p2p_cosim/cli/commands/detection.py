"""`train-detector` and `evaluate-detector`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Quick = Annotated[
    bool, typer.Option("--quick", help="A small configuration: seconds, and good for nothing else.")
]


def train_detector(
    out: Annotated[Path, typer.Option(help="File of the model.")] = Path("detector.json"),
    seed: Annotated[int, typer.Option(help="Root of the forest's random splits.")] = 1,
    quick: Quick = False,
) -> None:
    """Train the learned fault detector on simulated faults and write it as JSON.

    The model that ships is this command's, byte for byte. Needs scikit-learn: pip install
    'p2p-cosim[detect]'.
    """
    from p2p_cosim.cli.detection import train_detector

    train_detector(out, seed=seed, quick=quick)


def evaluate_detector(
    out: Annotated[Path, typer.Option(help="Folder for verdicts, tables and figures.")] = Path(
        "results/detection"
    ),
    model: Annotated[
        Path | None, typer.Option(help="Model to measure; the one that ships if not given.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(help="Page between whose marks the tables are written.")
    ] = None,
    quick: Quick = False,
    long: Annotated[
        bool, typer.Option("--long", help="Ten episodes of each place and 400 days a world: hours.")
    ] = False,
) -> None:
    """Measure every fault detector on days, faults and places that none was trained on."""
    from p2p_cosim.cli.detection import evaluate_detector

    evaluate_detector(out, model, page, quick=quick, long=long)
