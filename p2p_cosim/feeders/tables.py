"""A feeder as published: the tables of `data/<feeder>/` as frozen records. No engine here."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

from p2p_cosim.core.naming import require
from p2p_cosim.feeders.elements import NEXT_PHASE, Bus, Regulator

_DATA = resources.files("p2p_cosim.feeders") / "data"
TABULATED = tuple(sorted(f.name for f in _DATA.iterdir() if (f / "feeder.yaml").is_file()))
"""Feeders that are shipped as tables."""

Matrix = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class LineConfig:
    """Series impedance in ohm/mile and shunt susceptance in uS/mile of a line.

    The matrices are lower triangles by rows, in the order of `phases`. ampacity_a: of its phase
    conductor, from the conductor table of W. H. Kersting, Distribution System Modeling and
    Analysis (CRC Press), appendix A.
    """

    name: str
    phases: str
    r_ohm_per_mile: Matrix
    x_ohm_per_mile: Matrix
    b_us_per_mile: Matrix
    ampacity_a: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line segment; its conductors are those of its configuration."""

    from_bus: str
    to_bus: str
    length_ft: float
    config: LineConfig


@dataclass(frozen=True, slots=True)
class Switch:
    """A closed three-phase switch without impedance to speak of."""

    name: str
    from_bus: str
    to_bus: str


@dataclass(frozen=True, slots=True)
class Transformer:
    """A three-phase transformer, grounded wye on both sides; percent of `kva`."""

    name: str
    from_bus: str
    to_bus: str
    kva: float
    r_percent: float
    x_percent: float


@dataclass(frozen=True, slots=True)
class RegulatorControl:
    """Published settings of the regulators' controls, on the secondary of the PT and CT.

    Set point, bandwidth and line-drop compensation (R, X) in volts.
    """

    set_point_v: float
    band_v: float
    pt_ratio: float
    ct_primary_a: float
    r_v: float
    x_v: float


@dataclass(frozen=True, slots=True)
class Capacitor:
    """A grounded-wye capacitor; total kvar of all its phases."""

    bus: str
    phases: str
    q_kvar: float


@dataclass(frozen=True, slots=True)
class PublishedLoad:
    """One entry (bus and phase) of the published load tables.

    phase: the published column. connection: `"Y"` from the phase to neutral, or `"D"` from
    the phase to the next one (column A is branch A-B). model: `"PQ"` constant power, `"Z"`
    constant impedance, `"I"` constant current. distributed: lumped from the load spread along
    a line, not a spot load.
    """

    name: str
    bus: str
    phase: str
    connection: str
    model: str
    p_kw: float
    q_kvar: float
    distributed: bool = False

    @property
    def phases(self) -> str:
        """The conductors the load is connected to: `"A"`, or `"CA"` for a delta branch."""
        return self.phase if self.connection == "Y" else self.phase + NEXT_PHASE[self.phase]


@dataclass(frozen=True, slots=True)
class Feeder:
    """A whole feeder. `loads` are the spot loads, then the lumped distributed load."""

    name: str
    frequency_hz: float
    source_bus: str
    source_v_pu: float
    base_kv: float
    buses: Mapping[str, Bus]
    lines: tuple[Line, ...]
    switches: tuple[Switch, ...]
    transformers: tuple[Transformer, ...]
    regulators: tuple[Regulator, ...]
    regulator_control: RegulatorControl
    capacitors: tuple[Capacitor, ...]
    loads: tuple[PublishedLoad, ...]


@cache
def load_feeder(name: str) -> Feeder:
    """The records of a feeder shipped with the package.

    Raises GridError for an unknown name.
    """
    require("feeder", name, TABULATED)
    document: dict[str, Any] = yaml.safe_load(_read(name, "feeder.yaml"))
    ampacity_a = {
        row["config"]: float(row["ampacity_a"]) for row in _rows(name, "line_ratings.csv")
    }
    configs = _line_configs(_rows(name, "line_configs.csv"), ampacity_a)
    return Feeder(
        name=document["name"],
        frequency_hz=document["frequency_hz"],
        source_bus=document["source"]["bus"],
        source_v_pu=document["source"]["v_pu"],
        base_kv=document["source"]["base_kv"],
        buses=MappingProxyType({row["bus"]: _bus(row) for row in _rows(name, "buses.csv")}),
        lines=tuple(
            Line(row["from_bus"], row["to_bus"], float(row["length_ft"]), configs[row["config"]])
            for row in _rows(name, "lines.csv")
        ),
        switches=tuple(Switch(**entry) for entry in document["switches"]),
        transformers=tuple(Transformer(**entry) for entry in document["transformers"]),
        regulators=_regulators(document["regulators"]),
        regulator_control=RegulatorControl(**document["regulators"]["control"]),
        capacitors=tuple(Capacitor(**entry) for entry in document["capacitors"]),
        loads=_spot_loads(_rows(name, "spot_loads.csv"))
        + _distributed_loads(document["distributed_load"]),
    )


def published_voltages(name: str) -> dict[tuple[str, str], tuple[float, float]]:
    """The published solution by (bus, phase): magnitude in pu, angle in degrees.

    Raises GridError for an unknown name.
    """
    require("feeder", name, TABULATED)
    return {
        (row["bus"], row["phase"]): (float(row["v_pu"]), float(row["angle_deg"]))
        for row in _rows(name, "published_voltages.csv")
    }


def _read(feeder: str, file: str) -> str:
    return (_DATA / feeder / file).read_text(encoding="utf-8")


def _rows(feeder: str, file: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_read(feeder, file).splitlines()))


def _bus(row: dict[str, str]) -> Bus:
    return Bus(row["bus"], row["phases"], float(row["base_kv"]), float(row["x"]), float(row["y"]))


def _regulators(entry: dict[str, Any]) -> tuple[Regulator, ...]:
    return tuple(
        Regulator(
            name,
            phase,
            entry["from_bus"],
            entry["to_bus"],
            control=name,
            set_point_v=entry["control"]["set_point_v"],
        )
        for name, phase in entry["names"].items()
    )


def _line_configs(
    rows: list[dict[str, str]], ampacity_a: Mapping[str, float]
) -> dict[str, LineConfig]:
    names = dict.fromkeys(row["config"] for row in rows)
    return {
        name: _line_config([row for row in rows if row["config"] == name], ampacity_a[name])
        for name in names
    }


def _line_config(rows: list[dict[str, str]], ampacity_a: float) -> LineConfig:
    phases = "".join(dict.fromkeys(row["phase_i"] for row in rows))

    def lower(column: str) -> Matrix:
        return tuple(
            tuple(float(row[column]) for row in rows if row["phase_i"] == phase) for phase in phases
        )

    return LineConfig(
        name=rows[0]["config"],
        phases=phases,
        r_ohm_per_mile=lower("r_ohm_per_mile"),
        x_ohm_per_mile=lower("x_ohm_per_mile"),
        b_us_per_mile=lower("b_us_per_mile"),
        ampacity_a=ampacity_a,
    )


def _spot_loads(rows: list[dict[str, str]]) -> tuple[PublishedLoad, ...]:
    return tuple(
        PublishedLoad(
            name=f"spot_{row['bus']}_{row['phase'].lower()}",
            bus=row["bus"],
            phase=row["phase"],
            connection=row["connection"],
            model=row["model"],
            p_kw=float(row["p_kw"]),
            q_kvar=float(row["q_kvar"]),
        )
        for row in rows
    )


def _distributed_loads(entry: dict[str, Any]) -> tuple[PublishedLoad, ...]:
    return tuple(
        PublishedLoad(
            name=f"distributed_{bus}_{phase.lower()}",
            bus=bus,
            phase=phase,
            connection="Y",
            model="PQ",
            p_kw=power["p_kw"] * thirds / 3,
            q_kvar=power["q_kvar"] * thirds / 3,
            distributed=True,
        )
        for bus, thirds in entry["thirds"].items()
        for phase, power in entry["phases"].items()
    )
