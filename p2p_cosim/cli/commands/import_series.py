"""`import`."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Unit(StrEnum):
    """Of the values; kwh and wh are of an interval."""

    KW = "kw"
    W = "w"
    KWH = "kwh"
    WH = "wh"


class Stamps(StrEnum):
    """Where in its interval a time stands."""

    BEGINNING = "beginning"
    ENDING = "ending"


def import_series(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="CSV files with measured load, one below another."),
    ],
    unit: Annotated[Unit, typer.Option(help="Unit of the values; kwh and wh of an interval.")],
    stamps: Annotated[Stamps, typer.Option(help="Whether a time begins or ends its interval.")],
    zone: Annotated[
        str, typer.Option(help="Zone of times without one: Europe/Berlin, UTC, +01:00.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Write this file for a scenario; without it, only show what is read."),
    ] = None,
    pv: Annotated[
        Path | None, typer.Option(help="File of the same shape with PV production.")
    ] = None,
    net: Annotated[
        bool, typer.Option("--net", help="Values are of net meters: negative was fed in.")
    ] = False,
    time_format: Annotated[
        str, typer.Option(help="Of the times, as %d.%m.%Y %H:%M; ISO 8601 if not given.")
    ] = "",
    time_column: Annotated[str, typer.Option(help="Column of the times.")] = "",
    house_column: Annotated[str, typer.Option(help="Column of the houses.")] = "",
    load_column: Annotated[str, typer.Option(help="Column of the load.")] = "",
    pv_column: Annotated[str, typer.Option(help="Column of the PV.")] = "",
    house: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=HOUSE", help="Take this house of the file as that."),
    ] = None,
    count: Annotated[int, typer.Option(min=0, help="Take the first so many houses.")] = 0,
    step_min: Annotated[int, typer.Option(min=0, help="Minutes of what is written.")] = 0,
    start: Annotated[datetime | None, typer.Option(help="Cut what is before.")] = None,
    end: Annotated[datetime | None, typer.Option(help="Cut what is from then on.")] = None,
    fill_min: Annotated[
        int, typer.Option(min=0, help="Fill gaps up to so many minutes by a straight line.")
    ] = 0,
) -> None:
    """Bring measured series into the form that a scenario reads, and say how they were understood.

    Exit code 2 for what cannot be understood.
    """
    from p2p_cosim.cli.imported import import_files
    from p2p_cosim.scenario.series.form import SeriesForm

    form = SeriesForm(
        unit=unit.value,
        stamps=stamps.value,
        zone=zone,
        is_net=net,
        time_format=time_format,
        time_column=time_column,
        house_column=house_column,
        load_column=load_column,
        pv_column=pv_column,
        count=count,
        names=dict(_pair(text) for text in house or ()),
        step_min=step_min,
        start=start,
        end=end,
        fill_min=fill_min,
    )
    import_files(files, form, pv, out)


def _pair(text: str) -> tuple[str, str]:
    """The file's name of a house, and the scenario's."""
    old, _, new = text.partition("=")
    return old.strip(), (new or old).strip()
