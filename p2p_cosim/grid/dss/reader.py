"""From a DSS master file to a circuit: sifted, built once in an engine, and read back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.limits import MAX_TAP
from p2p_cosim.feeders.elements import NEXT_PHASE, Branch, Bus, Regulator
from p2p_cosim.grid.circuit import Circuit, CircuitLoad
from p2p_cosim.grid.commands import tap_ratio
from p2p_cosim.grid.dss.allowed import Script, sift
from p2p_cosim.grid.dss.layout import Place, read_coordinates, tree_layout
from p2p_cosim.grid.dss.statements import inside, read_statements
from p2p_cosim.grid.engine import BusRecord, ElementRecord, Engine, RegulatorRecord

_PHASE = {1: "A", 2: "B", 3: "C"}
_COLUMN = {first + second: first for first, second in NEXT_PHASE.items()}


def read_circuit(master: Path, folder: Path) -> Circuit:
    """The circuit of a master file, whose other files must lie in the folder too.

    Raises GridError for statements that do more than define a circuit, with file and line; for
    what the engine refuses; and for regulators without 32 steps over +-10 %.
    """
    script = sift(read_statements(master, folder))
    engine = Engine()
    bases = " ".join(repr(kv) for kv in script.base_kv)
    ask = [f"set voltagebases=[{bases}]", "calcvoltagebases"]
    engine.run(["clear", *script.commands, *script.controls, *ask])
    transformers = {record.name: record for record in engine.elements("transformer")}
    regulators = [_regulator(record, transformers) for record in engine.regulators()]
    regulating = {regulator.name for regulator in regulators}
    branches = tuple(
        _branch(record, regulating) for record in (*transformers.values(), *engine.elements("line"))
    )
    name, source, source_v_pu = engine.source()
    places = _places(script, master, folder)
    records = engine.buses()
    drawn = tree_layout(
        source, [r.name for r in records], [(b.from_bus, b.to_bus) for b in branches]
    )
    use_drawn = not all(record.name in places for record in records)
    buses = {r.name: _bus(r, (drawn if use_drawn else places)[r.name]) for r in records}
    return Circuit(
        name=name,
        source_bus=source,
        source_v_pu=source_v_pu,
        buses=MappingProxyType(buses),
        branches=branches,
        regulators=tuple(regulators),
        loads=tuple(_load(record) for record in engine.elements("load")),
        commands=("clear", *script.commands),
        controls=tuple(script.controls),
    )


def _places(script: Script, master: Path, folder: Path) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for name, where in script.coordinates:
        file = inside(folder.resolve(), master.parent, name, where)
        places |= read_coordinates(file.read_text(encoding="utf-8-sig"), file.name)
    return places


def _bus(record: BusRecord, place: Place) -> Bus:
    # The engine's base is line to neutral, and rounded as the file gives it line to line.
    base_kv = round(record.base_kv * math.sqrt(3), 6)
    return Bus(record.name, _phases(record.nodes), base_kv, *place)


def _phases(nodes: Sequence[int]) -> str:
    return "".join(_PHASE[node] for node in nodes if node in _PHASE)


def _regulator(record: RegulatorRecord, transformers: Mapping[str, ElementRecord]) -> Regulator:
    ends = (tap_ratio(-MAX_TAP), tap_ratio(MAX_TAP))
    fits = math.isclose(record.least, ends[0]) and math.isclose(record.most, ends[1])
    if record.steps != 2 * MAX_TAP or not fits:
        raise GridError(
            f"regulator {record.transformer!r} has {record.steps} steps from {record.least:g} to "
            f"{record.most:g}: a step-voltage regulator has {2 * MAX_TAP} from {ends[0]:g} to "
            f"{ends[1]:g} (IEEE C57.15), correct NumTaps, MinTap and MaxTap"
        )
    (from_bus, nodes), (to_bus, _) = transformers[record.transformer].terminals[:2]
    return Regulator(
        record.transformer,
        _phases(nodes),
        from_bus,
        to_bus,
        record.winding,
        record.control,
        record.set_point_v,
    )


def _branch(record: ElementRecord, regulating: set[str]) -> Branch:
    (from_bus, nodes), (to_bus, _) = record.terminals[:2]
    element = f"{record.kind}.{record.name}"
    ends = (element, from_bus, to_bus, _phases(nodes))
    if record.kind == "transformer":
        return Branch(*ends, "regulator" if record.name in regulating else "transformer")
    return Branch(*ends, "switch" if record.is_switch else "line")


def _load(record: ElementRecord) -> CircuitLoad:
    ((bus, nodes),) = record.terminals
    phases = _phases(nodes)
    if record.phases == 1 and record.is_delta:
        column = _COLUMN.get(phases) or _COLUMN[phases[::-1]]
        phases = column + NEXT_PHASE[column]
    else:
        column = phases if len(phases) == 1 else ""
    power_kva = record.power_kva
    return CircuitLoad(record.name, bus, column, phases, power_kva.real, power_kva.imag)
