"""Published tables to a circuit, and houses to OpenDSS commands: strings only, so that no file
and no directory is touched."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.limits import MAX_TAP
from p2p_cosim.core.types import HouseSite
from p2p_cosim.grid.circuit import PHASE_NODE, Branch, Circuit, CircuitLoad, Regulator
from p2p_cosim.grid.feeder import Feeder, Line, LineConfig, Matrix, PublishedLoad
from p2p_cosim.grid.houses import HousePlan

FT_PER_MILE = 5280.0
PU_PER_TAP = 0.00625  # 5/8 percent, 32 steps over +-10 percent (IEEE C57.15)

HOUSE_KV = 0.24
HOUSE_NOMINAL_KW = 1.0
HOUSE_NOMINAL_TAN = math.tan(math.acos(0.97))  # kvar per kW at the usual power factor
# Service transformer and triplex drop of the IEEE 8500-node feeder (Arritt and Dugan, 2010,
# doi:10.1109/TDC.2010.5484381): both 120 V halves in series, and the 240 V loop 2 (Zs - Zm).
SERVICE_R_PERCENT = 0.6
SERVICE_X_PERCENT = 2.04
SERVICE_NO_LOAD_PERCENT = 0.2
SERVICE_MAGNETISING_PERCENT = 0.5
DROP_R_OHM_PER_KFT = 0.5837
DROP_X_OHM_PER_KFT = 0.0785

# Constant power within these limits, constant impedance beyond. OpenDSS's own 0.95 and 1.05
# would change the model just where voltage limits are studied; much wider ones do not
# converge in bolted faults.
LOAD_V_MIN_PU = 0.85
LOAD_V_MAX_PU = 1.15

_MODEL = {"PQ": 1, "Z": 2, "I": 5}
_SOURCE_OHM = 1e-6  # the published solution begins at a stiff bus 650
_SWITCH_OHM = 1e-4


@dataclass(frozen=True, slots=True)
class FeederOptions:
    """How the feeder starts.

    source_v_pu: voltage of the source bus; None for the feeder's own.
    taps: of the feeder's regulators in their order; or None to let RegControls with the
        feeder's settings settle from neutral, with every house at 1 kW and power factor 0.97.
    settle_spot_scale: multiplies the published loads while they settle.
    regcontrol: whether RegControls with the feeder's settings own the taps. Every solve then
        settles them, as in an interval much longer than their delay (15 s and 2 s a step).
    """

    source_v_pu: float | None = None
    taps: tuple[int, ...] | None = None
    settle_spot_scale: float = 1.0
    regcontrol: bool = False

    def __post_init__(self) -> None:
        for name in ("source_v_pu", "settle_spot_scale"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise GridError(f"{name} {value} is not a positive number: raise it")


def circuit_of(feeder: Feeder) -> Circuit:
    """The circuit that published tables describe."""
    configs = dict.fromkeys(line.config for line in feeder.lines)
    commands = [
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
    return Circuit(
        name=feeder.name,
        source_bus=feeder.source_bus,
        source_v_pu=feeder.source_v_pu,
        buses=feeder.buses,
        branches=_branches(feeder),
        regulators=feeder.regulators,
        loads=tuple(
            CircuitLoad(
                load.name,
                load.bus,
                load.phase,
                load.phases,
                load.p_kw,
                load.q_kvar,
                load.distributed,
            )
            for load in feeder.loads
        ),
        commands=tuple(commands),
        controls=tuple(_regulator_controls(feeder)),
    )


def load_commands(loads: Iterable[CircuitLoad]) -> list[str]:
    """Published loads with other powers than the circuit's own."""
    return [f"edit load.{load.name} kw={load.p_kw!r} kvar={load.q_kvar!r}" for load in loads]


def source_commands(source_v_pu: float) -> list[str]:
    """Another voltage at the head."""
    return [f"edit vsource.source pu={source_v_pu!r}"]


def house_commands(circuit: Circuit, houses: Sequence[HouseSite], plan: HousePlan) -> list[str]:
    """Service transformers, drops and one load per house, drawing 1 kW at power factor 0.97."""
    first = {house.transformer: house for house in reversed(houses)}
    kva = plan.transformer_kva
    transformers = [
        f"new transformer.{name} phases=1 windings=2"
        f" buses=[{house.bus}.{PHASE_NODE[house.phase]} {name}.1]"
        f" kvs=[{round(circuit.buses[house.bus].base_kv / math.sqrt(3), 4)} {HOUSE_KV}]"
        f" kvas=[{kva} {kva}]"
        f" %rs=[{SERVICE_R_PERCENT} {SERVICE_R_PERCENT}] xhl={SERVICE_X_PERCENT}"
        f" %noloadloss={SERVICE_NO_LOAD_PERCENT} %imag={SERVICE_MAGNETISING_PERCENT}"
        for name, house in reversed(first.items())
    ]
    drops = [
        _drop(drop_name(house.name), house.transformer, house.name, plan.drop_ft)
        for house in houses
    ]
    loads = [
        f"new load.{house.name} phases=1 bus1={house.name}.1 kv={HOUSE_KV} model=1"
        f" kw={HOUSE_NOMINAL_KW} kvar={HOUSE_NOMINAL_KW * HOUSE_NOMINAL_TAN!r} {_load_limits()}"
        for house in houses
    ]
    return [*transformers, *drops, *loads]


def tie_commands(ties: Mapping[str, tuple[str, float]]) -> list[str]:
    """Normally open drops from other transformers: transformer and length in ft by house."""
    return [
        command
        for house, (transformer, length_ft) in ties.items()
        for command in (
            _drop(tie_name(house), transformer, house, length_ft),
            f"open line.{tie_name(house)} 2",
        )
    ]


def solution_commands(circuit: Circuit) -> list[str]:
    """Voltage bases and solution settings; to be given after the last element."""
    # OpenDSS wants line-to-line bases, also of a bus with one phase.
    bases = {bus.base_kv for bus in circuit.buses.values()} | {HOUSE_KV * math.sqrt(3)}
    return [
        f"set voltagebases=[{' '.join(repr(base) for base in sorted(bases))}]",
        "calcvoltagebases",
        "set mode=snapshot",
        "set controlmode=off",
        # At 1e-8 the same state reached by another history differs by less than 1e-9 pu.
        "set tolerance=1e-8",
        "set maxiterations=100",
    ]


def regcontrol_commands(circuit: Circuit) -> list[str]:
    """The feeder's own RegControls, which settle within each solve."""
    return [
        *circuit.controls,
        # Static lets all control actions come to rest inside one solve. It must come after
        # the mode, which sets it back.
        "set controlmode=static",
        "set maxcontroliter=100",
    ]


def drop_name(house: str) -> str:
    """Name of the line element that is a house's service drop."""
    return f"drop_{house}"


def tie_name(house: str) -> str:
    """Name of the line element that is a house's normally open second feed."""
    return f"tie_{house}"


def tap_ratio(tap: int) -> float:
    """Turns ratio in pu of a tap position."""
    return 1 + PU_PER_TAP * tap


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


def _drop(name: str, transformer: str, house: str, length_ft: float) -> str:
    return (
        f"new line.{name} phases=1 bus1={transformer}.1 bus2={house}.1"
        f" length={length_ft / 1000!r} units=kft"
        f" rmatrix=[{DROP_R_OHM_PER_KFT}] xmatrix=[{DROP_X_OHM_PER_KFT}] cmatrix=[0]"
    )


def _line_config(config: LineConfig, frequency_hz: float) -> str:
    nf_per_us = 1e3 / (2 * math.pi * frequency_hz)
    c_nf = tuple(tuple(b * nf_per_us for b in row) for row in config.b_us_per_mile)
    return (
        f"new linecode.{config.name} nphases={len(config.phases)} units=mi"
        f" rmatrix={_triangle(config.r_ohm_per_mile)} xmatrix={_triangle(config.x_ohm_per_mile)}"
        f" cmatrix={_triangle(c_nf)}"
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
        f" model={_MODEL[load.model]} kw={load.p_kw!r} kvar={load.q_kvar!r} {_load_limits()}"
    )


def _load_limits() -> str:
    return f"vminpu={LOAD_V_MIN_PU} vmaxpu={LOAD_V_MAX_PU}"


def _nodes(phases: str) -> str:
    return "".join(f".{PHASE_NODE[phase]}" for phase in phases)
