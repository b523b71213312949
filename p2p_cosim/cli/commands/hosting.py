"""`hosting-capacity`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from p2p_cosim.cli.options import Change, Json, ScenarioFile, changes


def hosting_capacity(
    scenario: ScenarioFile,
    controller: Annotated[
        list[str] | None,
        typer.Option(help="Controller to scan under; may be repeated. The scenario's if none."),
    ] = None,
    field: Annotated[str, typer.Option(help="Field to scan: pv_share or pv_kw.")] = "pv_share",
    low: Annotated[float | None, typer.Option(help="Lowest value; one step if not given.")] = None,
    high: Annotated[float | None, typer.Option(help="Highest value; 1, or 20 for pv_kw.")] = None,
    step: Annotated[
        float | None, typer.Option(help="Between two values; 0.1, or 2 for pv_kw.")
    ] = None,
    draws: Annotated[int, typer.Option(help="Placements of PV, each with its own sizes.")] = 20,
    day: Annotated[
        list[datetime] | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day to run; may be repeated. The scenario's."),
    ] = None,
    size_spread: Annotated[
        float, typer.Option(help="Relative standard deviation of the size of an array.")
    ] = 0.3,
    loading: Annotated[float, typer.Option(help="Most loading of a line or transformer.")] = 1.0,
    unbalance: Annotated[float, typer.Option(help="Most voltage unbalance after NEMA.")] = 0.03,
    curtailed: Annotated[float, typer.Option(help="Most share of PV energy held back.")] = 0.05,
    figure: Annotated[Path | None, typer.Option(help="Where to draw it: .png, .pdf, .svg.")] = None,
    change: Change = None,
    json: Json = False,
) -> None:
    """Find how much PV the feeder takes, as a distribution over placements, sizes and days.

    Limits: voltage, loading, unbalance, curtailment. Every value of a scan is run for every draw
    and day, without the market. Nothing else is written.
    """
    from p2p_cosim.cli.hosting import Scan, print_hosting_capacity, values_of
    from p2p_cosim.studies.hosting import Limits

    values, days = values_of(field, low, high, step), tuple(at.date() for at in day or ())
    scan = Scan(field, values, draws, days, size_spread, Limits(loading, unbalance, curtailed))
    given = (scenario, dict(changes(change)), controller or (), scan)
    print_hosting_capacity(*given, as_json=json, figure=figure)
