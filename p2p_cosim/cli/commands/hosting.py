"""`hosting-capacity`."""

from __future__ import annotations

from typing import Annotated

import typer

from p2p_cosim.cli.options import Change, Json, ScenarioFile, changes


def hosting_capacity(
    scenario: ScenarioFile,
    controller: Annotated[
        list[str] | None,
        typer.Option(help="Controller to search under; may be repeated. The scenario's if none."),
    ] = None,
    field: Annotated[str, typer.Option(help="Field to raise: pv_kw or pv_share.")] = "pv_kw",
    low: Annotated[float, typer.Option(help="Where the search begins.")] = 0.0,
    high: Annotated[
        float | None, typer.Option(help="Where it ends; 20, or 1 for pv_share.")
    ] = None,
    resolution: Annotated[
        float | None, typer.Option(help="How close it gets; 0.5, or 0.05 for pv_share.")
    ] = None,
    change: Change = None,
    json: Json = False,
) -> None:
    """Find the most PV that keeps every house meter at or below the upper limit.

    By bisection; every step is a run that ends at its first violation. Nothing is written.
    """
    from p2p_cosim.cli.hosting import print_hosting_capacity

    share = field.endswith("pv_share")
    most = (1.0 if share else 20.0) if high is None else high
    step = (0.05 if share else 0.5) if resolution is None else resolution
    print_hosting_capacity(
        *(scenario, dict(changes(change)), controller or ()),
        (field, low, most, step),
        as_json=json,
    )
