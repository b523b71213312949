"""Draw the gallery: every figure of a run, of runs side by side, and of a sweep.

    python benchmarks/gallery.py [FOLDER]

Writes SVG and PDF of each into FOLDER, by default build/gallery. docs/gallery.md shows the SVG of
docs/figures/gallery. One version of matplotlib gives equal files.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure

import p2p_cosim as p2p
from p2p_cosim import plots
from p2p_cosim.plots import style
from p2p_cosim.studies.hosting import hosting_capacity

ROOT = Path(__file__).parents[1]
METADATA = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}  # no time of writing
CONTROLLERS = ("hold", "reactive", "look_ahead")


def drawn(out: Path) -> Iterator[tuple[str, Axes]]:
    """Every figure by its name. out: a folder for the runs."""
    day = p2p.run(p2p.load("trading_day"), out=out)
    for draw in (plots.overview, plots.price_and_volume, plots.supply_and_demand):
        yield draw.__name__, draw(day)
    for draw in (plots.household_costs, plots.voltage_by_site, plots.voltage_band):
        yield draw.__name__, draw(day)
    for draw in (plots.taps, plots.feeder_map, plots.loadings, plots.losses, plots.unbalance):
        yield draw.__name__, draw(day)
    outage = p2p.run(p2p.load("outage"), out=out)
    for draw in (plots.outage_timeline, plots.fault_timeline, plots.fault_map):
        yield draw.__name__, draw(outage)
    noon = p2p.load("trading_day").replace(start="2024-06-21 11:00", ticks=8, pv_kw=12.0)
    runs = {
        name: [p2p.run(noon.replace(controller=name), seed, out=out) for seed in (1, 2, 3)]
        for name in CONTROLLERS
    }
    yield "controller_comparison", plots.controller_comparison(runs)
    yield "overvoltage", plots.overvoltage({name: of[0] for name, of in runs.items()})
    yield "prediction_error", plots.prediction_error(runs["look_ahead"][0])
    yield "hosting_capacity", hosting(noon)
    yield from swept(noon, out)


def hosting(noon: p2p.Scenario) -> Axes:
    """Five placements of PV at noon, with and without a controller."""
    shares = (0.2, 0.4, 0.6, 0.8, 1.0)
    found = {
        name: hosting_capacity(noon.replace(controller=name), "pv_share", shares, draws=5)
        for name in ("hold", "look_ahead")
    }
    return plots.hosting_capacity({name: capacity.table() for name, capacity in found.items()})


def swept(noon: p2p.Scenario, out: Path) -> Iterator[tuple[str, Axes]]:
    """The figures of a sweep over two fields, five seeds each."""
    found = p2p.sweep(
        noon.replace({"clock.ticks": 2, "houses.count": 10}),
        {"pv_share": [0.2, 0.5, 0.8], "market.strategy": ["zic", "truthful"]},
        seeds=5,
        out=out,
        workers=1,
    )
    figure = "energy_traded_kwh"
    table = found.table(figure).rename(columns={"market.strategy": "strategy"})
    yield "sweep_line", plots.sweep_line(table, "pv_share", figure, by="strategy")
    yield "sweep_heat", plots.sweep_heat(table, "pv_share", "strategy", figure)
    yield "sweep_box", plots.sweep_box(table, "strategy", figure)
    yield "sweep_differences", plots.sweep_differences(table, "strategy", figure, "zic")


def main(folder: Path) -> None:
    """Draw all and write them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as out:
        for name, ax in drawn(Path(out)):
            for kind, metadata in METADATA.items():
                with style.applied():
                    figure = cast(Figure, ax.get_figure(root=True))
                    figure.savefig(folder / f"{name}.{kind}", metadata=metadata)
            print(name, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "gallery")
