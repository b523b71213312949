"""Published tables to a circuit, as OpenDSS commands."""

from __future__ import annotations

import math

from p2p_cosim.core.limits import MAX_TAP
from p2p_cosim.feeders.elements import PHASE_NODE, Branch, Regulator
from p2p_cosim.feeders.tables import Feeder, Line, LineConfig, Matrix, PublishedLoad
from p2p_cosim.grid.circuit import Circuit, CircuitLoad
from p2p_cosim.grid.commands import load_limits, tap_ratio

FT_PER_MILE = 5280.0

_MODEL = {"PQ": 1, "Z": 2, "I": 5}
_SOURCE_OHM = 1e-6  # the published solution begins at a stiff bus 650
_SWITCH_OHM = 1e-4


def circuit_of(feeder: Feeder) -> Circuit:
    """The circuit that published tables describe."""
    return Circuit(
        name=feeder.name,
        source_bus=feeder.source_bus,
        source_v_pu=feeder.source_v_pu,
        buses=feeder.buses,
        branches=_branches(feeder),
        regulators=feeder.regulators,
        loads=tuple(_circuit_load(load) for load in feeder.loads),
        commands=tuple(_commands(feeder)),
        controls=tuple(_regulator_controls(feeder)),
    )


def _circuit_load(load: PublishedLoad) -> CircuitLoad:
    return CircuitLoad(
        load.name,
        load.bus,
        load.phase,
        load.phases,
        load.p_kw,
        load.q_kvar,
        load.distributed,
    )


def _commands(feeder: Feeder) -> list[str]:
    """Everything from `clear` on, with neutral taps and without controls."""
    configs = dict.fromkeys(line.config for line in feeder.lines)
    return [
        "clear",
        f"set defaultbasefrequency={feeder.frequency_hz}",
        f"new circuit.{feeder.name} bus1={feeder.source_bus} basekv={feeder.base_kv}"
        f" pu={feeder.source_v_pu!r} r1=0 x1={_SOURCE_OHM} r0=0 x0={_SOURCE_OHM}",
        *(_line_config(config, feeder.frequency_hz) for config in configs),
        *(_regulator(regulator, feeder.base_kv) for regulator in feeder.regulators),
        *(_line(line) for line in feeder.lines),
        *(
            f"new line.{switch.name} bus1={switch.from_bus} bus2={switch.to_bus} phases=3"
            f" r1={_SWITCH_OHM} x1=0 r0={_SWITCH_OHM} x0=0 c1=0 c0=0 length=1"
            for switch in feeder.switches
        ),
        *(
            f"new transformer.{t.name} phases=3 windings=2 buses=[{t.from_bus} {t.to_bus}]"
            f" conns=[wye wye] kvs=[{feeder.base_kv} {feeder.buses[t.to_bus].base_kv}]"
            f" kvas=[{t.kva} {t.kva}] %rs=[{t.r_percent / 2} {t.r_percent / 2}] xhl={t.x_percent}"
            for t in feeder.transformers
        ),
        *(_capacitor(c.bus, c.phases, c.q_kvar, feeder.base_kv) for c in feeder.capacitors),
        *(_published_load(load, feeder.buses[load.bus].base_kv) for load in feeder.loads),
    ]


def _branches(feeder: Feeder) -> tuple[Branch, ...]:
    between = (
        *(
            Branch(f"transformer.{r.name}", r.from_bus, r.to_bus, r.phase, "regulator")
            for r in feeder.regulators
        ),
        *(
            Branch(f"line.{_line_name(b)}", b.from_bus, b.to_bus, b.config.phases)
            for b in feeder.lines
        ),
    )
    switches = (
        Branch(f"line.{b.name}", b.from_bus, b.to_bus, feeder.buses[b.to_bus].phases, "switch")
        for b in feeder.switches
    )
    transformers = (
        Branch(f"transformer.{t.name}", t.from_bus, t.to_bus, "ABC", "transformer")
        for t in feeder.transformers
    )
    return (*between, *switches, *transformers)


def _regulator_controls(feeder: Feeder) -> list[str]:
    control = feeder.regulator_control
    return [
        f"new regcontrol.{regulator.control} transformer={regulator.name} winding=2"
        f" vreg={control.set_point_v} band={control.band_v} ptratio={control.pt_ratio}"
        f" ctprim={control.ct_primary_a} r={control.r_v} x={control.x_v}"
        for regulator in feeder.regulators
    ]


def _line_config(config: LineConfig, frequency_hz: float) -> str:
    nf_per_us = 1e3 / (2 * math.pi * frequency_hz)
    c_nf = tuple(tuple(b * nf_per_us for b in row) for row in config.b_us_per_mile)
    return (
        f"new linecode.{config.name} nphases={len(config.phases)} units=mi"
        f" rmatrix={_triangle(config.r_ohm_per_mile)} xmatrix={_triangle(config.x_ohm_per_mile)}"
        f" cmatrix={_triangle(c_nf)} normamps={config.ampacity_a}"
    )


def _triangle(matrix: Matrix) -> str:
    return "[" + " | ".join(" ".join(repr(value) for value in row) for row in matrix) + "]"


def _line_name(line: Line) -> str:
    return f"line_{line.from_bus}_{line.to_bus}"


def _line(line: Line) -> str:
    nodes = _nodes(line.config.phases)
    return (
        f"new line.{_line_name(line)} phases={len(line.config.phases)}"
        f" bus1={line.from_bus}{nodes} bus2={line.to_bus}{nodes} linecode={line.config.name}"
        f" length={line.length_ft / FT_PER_MILE!r} units=mi"
    )


def _regulator(regulator: Regulator, base_kv: float) -> str:
    node, kv = _nodes(regulator.phase), base_kv / math.sqrt(3)
    # The published solution has no regulator impedance: 1e-5 ohm is the least that is safe.
    return (
        f"new transformer.{regulator.name} phases=1 windings=2"
        f" buses=[{regulator.from_bus}{node} {regulator.to_bus}{node}] kvs=[{kv!r} {kv!r}]"
        f" kvas=[5000 5000] xhl=0.001 %loadloss=0.00001 numtaps={2 * MAX_TAP}"
        f" mintap={tap_ratio(-MAX_TAP)} maxtap={tap_ratio(MAX_TAP)}"
    )


def _capacitor(bus: str, phases: str, q_kvar: float, base_kv: float) -> str:
    kv = base_kv if len(phases) > 1 else base_kv / math.sqrt(3)
    return (
        f"new capacitor.capacitor_{bus} bus1={bus}{_nodes(phases)} phases={len(phases)}"
        f" kvar={q_kvar} kv={kv!r}"
    )


def _published_load(load: PublishedLoad, base_kv: float) -> str:
    wye = load.connection == "Y"
    return (
        f"new load.{load.name} phases=1 bus1={load.bus}{_nodes(load.phases)}"
        f" conn={'wye' if wye else 'delta'} kv={base_kv / math.sqrt(3) if wye else base_kv!r}"
        f" model={_MODEL[load.model]} kw={load.p_kw!r} kvar={load.q_kvar!r} {load_limits()}"
    )


def _nodes(phases: str) -> str:
    return "".join(f".{PHASE_NODE[phase]}" for phase in phases)
