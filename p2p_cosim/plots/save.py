"""Writing every figure of a run to files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from p2p_cosim.plots import control, feeder, grid, market, style
from p2p_cosim.plots.arguments import checked_run
from p2p_cosim.plots.faults import fault_map, fault_timeline
from p2p_cosim.plots.outage import had_outage, outage_timeline
from p2p_cosim.plots.overview import overview
from p2p_cosim.plots.voltages import voltage_by_site
from p2p_cosim.record import Results

OVER_TIME: Mapping[str, Callable[[Results], Axes]] = {
    "overview": overview,
    "price_and_volume": market.price_and_volume,
    "household_costs": market.household_costs,
    "voltage_band": grid.voltage_band,
    "voltage_by_site": voltage_by_site,
    "taps": grid.taps,
    "loadings": feeder.loadings,
    "losses": feeder.losses,
    "unbalance": feeder.unbalance,
}
OF_ONE_TICK: Mapping[str, Callable[[Results, int | None], Axes]] = {
    "supply_and_demand": market.supply_and_demand,
    "feeder_map": grid.feeder_map,
}

# Without the time of writing, equal runs give equal files.
_METADATA: Mapping[str, dict[str, None]] = {
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
    "png": {},
}


def save_all(
    run: Results,
    folder: str | Path | None = None,
    formats: Sequence[str] = ("png", "svg"),
    *,
    tick: int | None = None,
) -> list[Path]:
    """Draw every figure into `folder`, by default `<run>/figures/`, and return the files.

    `outage_timeline` is among them if a house was without supply from its own drop.

    formats: of "png" (300 dpi), "svg" and "pdf"; ValueError otherwise. A file appears
    complete or not at all. With one version of matplotlib, equal runs give equal files.
    tick: for the figures of one tick, instead of the one that each chooses; InputError if
    the run did not record it.
    """
    checked_run("save_all", run)
    for file_format in formats:
        if file_format not in _METADATA:
            raise ValueError(f"format {file_format!r} is unknown: give {', '.join(_METADATA)}")
    if tick is not None:
        style.checked_tick(run, tick)
    target = Path(folder) if folder is not None else run.path / "figures"
    target.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for name, ax in _drawn(run, tick):
        figure = cast(Figure, ax.get_figure(root=True))
        for file_format in formats:
            paths.append(target / f"{name}.{file_format}")
            _save(figure, paths[-1], file_format)
    return paths


def _drawn(run: Results, tick: int | None) -> Iterator[tuple[str, Axes]]:
    for name, draw in OVER_TIME.items():
        yield name, draw(run)
    for name, draw_tick in OF_ONE_TICK.items():
        yield name, draw_tick(run, tick)
    if len(run.faults):
        yield "fault_timeline", fault_timeline(run)
        yield "fault_map", fault_map(run)
    if control.has_predictions(run):
        yield "prediction_error", control.prediction_error(run)
    if had_outage(run):
        yield "outage_timeline", outage_timeline(run)


def _save(figure: Figure, path: Path, file_format: str) -> None:
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with style.applied():
            figure.savefig(new, format=file_format, metadata=_METADATA[file_format])
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
