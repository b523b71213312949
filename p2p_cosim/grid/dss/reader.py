"""From a DSS master file to a circuit: sifted, built once in an engine, and read back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from p2p_cosim.core.errors import GridError
from p2p_cosim.feeders.elements import NEXT_PHASE, Branch, Bus, Regulator
from p2p_cosim.grid.circuit import Circuit, CircuitLoad
from p2p_cosim.grid.dss.allowed import is_ours, sift
from p2p_cosim.grid.dss.bases import voltage_bases
from p2p_cosim.grid.dss.conductors import branches_of
from p2p_cosim.grid.dss.files import coordinate_files
from p2p_cosim.grid.dss.islands import anchors, stopped
from p2p_cosim.grid.dss.layout import Place, read_coordinates, tree_layout
from p2p_cosim.grid.dss.script import Script
from p2p_cosim.grid.dss.statements import read_statements, text_of
from p2p_cosim.grid.engine import Engine
from p2p_cosim.grid.inventory import Inventory
from p2p_cosim.grid.records import BusRecord, ElementRecord, RegulatorRecord

_PHASE = {1: "A", 2: "B", 3: "C"}
_STILL = "generator where no source leads: it stands still, and all there is dark"
_COLUMN = {first + second: first for first, second in NEXT_PHASE.items()}


def read_circuit(master: Path, folder: Path) -> Circuit:
    """The circuit of a master file, whose other files must lie in the folder too.

    Raises GridError for statements that do more than define a circuit and for what the engine
    refuses, each with file and line; for buses whose voltage is far from their base; for names
    that this program gives; and for regulators whose steps are not even.
    """
    script = sift(read_statements(master, folder))
    engine = Engine()
    engine.run(["clear"])
    engine.run_each((c.text, c.where) for c in (*script.commands, *script.controls))
    engine.run(["calcvoltagebases"])  # numbers the nodes
    inventory = Inventory(engine)
    regulators = [_regulator(r, inventory.elements("transformer")) for r in inventory.regulators()]
    joining, loads = inventory.branches(), inventory.elements("load")
    branches = branches_of(joining, {r.name for r in regulators}, inventory.grounded())
    sources = inventory.sources()
    still = stopped(inventory.others(), branches, sources)
    script.skipped[_STILL] += len(still)
    engine.run(held := [*anchors([*joining, *loads], branches, sources), *still])
    voltage_bases(engine, script)
    _refuse_our_names(records := inventory.buses())
    buses = _buses(records, branches, sources[0].bus, _places(script, folder))
    return Circuit(
        name=inventory.circuit_name(),
        source_bus=sources[0].bus,
        source_v_pu=sources[0].v_pu,
        buses=MappingProxyType(buses),
        branches=branches,
        regulators=tuple(regulators),
        loads=tuple(_load(record) for record in loads),
        commands=("clear", *(c.text for c in script.commands), *held),
        controls=tuple(c.text for c in script.controls),
        sources=tuple((source.element, source.bus, source.nodes) for source in sources),
        shunts=tuple(inventory.shunts()),
        others=tuple(inventory.others()),
        skipped=tuple(f"{n} x {what}" for what, n in sorted(script.skipped.items()) if n),
    )


def _places(script: Script, folder: Path) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for file in coordinate_files(script, folder):
        places |= read_coordinates(text_of(file.read_bytes()))
    return places


def _refuse_our_names(records: Sequence[BusRecord]) -> None:
    problems = [
        f"bus {record.name!r} has a name that this program gives to its own: rename it"
        for record in records
        if is_ours(record.name)
    ]
    if problems:
        raise GridError("\n".join(problems))


def _buses(
    records: Sequence[BusRecord],
    branches: Sequence[Branch],
    source: str,
    places: Mapping[str, Place],
) -> dict[str, Bus]:
    ends = [(branch.from_bus, branch.to_bus) for branch in branches]
    drawn = tree_layout(source, [record.name for record in records], ends)
    known = all(record.name in places for record in records)
    # The engine's base is line to neutral, and rounded as the file gives it line to line. A bus
    # without any voltage has none, and takes any.
    highest_kv = max(record.base_kv for record in records)
    return {
        r.name: Bus(
            r.name,
            "".join(_PHASE[node] for node in r.nodes if node in _PHASE),
            round((r.base_kv or highest_kv) * math.sqrt(3), 6),
            *(places if known else drawn)[r.name],
            is_split=r.is_split,
        )
        for r in records
    }


def _regulator(record: RegulatorRecord, transformers: Sequence[ElementRecord]) -> Regulator:
    transformer = next(t for t in transformers if t.name == record.transformer)
    step = (record.most - record.least) / record.steps if record.steps else 0.0
    neutral = (1 - record.least) / step if step else math.nan
    if not math.isclose(neutral, round(neutral), abs_tol=1e-6) if step else True:
        raise GridError(
            f"regulator {record.transformer!r} has {record.steps} steps from {record.least:g} to "
            f"{record.most:g}, of which none is neutral: correct NumTaps, MinTap and MaxTap"
        )
    (from_bus, nodes), (to_bus, _) = transformer.terminals[:2]
    return Regulator(
        record.transformer,
        "".join(_PHASE[node] for node in nodes if node in _PHASE),
        from_bus,
        to_bus,
        record.winding,
        record.control,
        record.set_point_v,
        pu_per_tap=step,
        min_tap=-round(neutral),
        max_tap=record.steps - round(neutral),
    )


def _load(record: ElementRecord) -> CircuitLoad:
    ((bus, nodes),) = record.terminals
    phases = "".join(_PHASE[node] for node in nodes if node in _PHASE)
    if record.phases == 1 and len(phases) == 2:
        column = _COLUMN.get(phases) or _COLUMN[phases[::-1]]
        phases = column + NEXT_PHASE[column]
    else:
        column = phases if len(phases) == 1 else ""
    power_kva = record.power_kva
    return CircuitLoad(
        record.name,
        bus,
        column,
        phases,
        power_kva.real,
        power_kva.imag,
        position=record.position,
    )
