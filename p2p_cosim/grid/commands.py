"""Houses, ties and solver settings as OpenDSS commands: strings only, so that no file and no
directory is touched."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.limits import TAP_STEP_PU
from p2p_cosim.core.types import HouseSite, TapMove
from p2p_cosim.feeders.elements import PHASE_NODE, Regulator
from p2p_cosim.grid.circuit import Circuit, CircuitLoad
from p2p_cosim.grid.houses import HousePlan
from p2p_cosim.grid.sites import SERVICE_KV, WYE_KV

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
ANCHOR_OHM = 1e7
"""From either conductor of a house between two to ground: a few mW."""
DROP_AMPACITY_A = 205.0
"""Of 1/0 AWG aluminium triplex with cross-linked insulation in air, from manufacturers' tables
after ICEA (75 degrees in 25 degrees of air)."""

# Constant power within these limits, constant impedance beyond. OpenDSS's own 0.95 and 1.05
# would change the model just where voltage limits are studied; much wider ones do not
# converge in bolted faults.
LOAD_V_MIN_PU = 0.85
LOAD_V_MAX_PU = 1.15


@dataclass(frozen=True, slots=True)
class FeederOptions:
    """How the feeder starts.

    source_v_pu: voltage of the source bus; None for the feeder's own.
    taps: of the feeder's regulators in their order; or None to let RegControls with the
        feeder's settings settle from neutral, with every house at 1 kW and power factor 0.97.
    settle_spot_scale: multiplies the published loads while they settle.
    regcontrol: whether RegControls with the feeder's settings own the taps. Every solve then
        settles them, as in an interval much longer than their delay (15 s and 2 s a step).
    set_points_v: of the RegControls, by regulator in their order, in V on the secondary of the
        potential transformer; None for the feeder's own.
    delays: whether those controls act with their own delays, by the time that each dispatch
        tells, and not to the end within a solve.
    """

    source_v_pu: float | None = None
    taps: tuple[int, ...] | None = None
    settle_spot_scale: float = 1.0
    regcontrol: bool = False
    set_points_v: tuple[float, ...] | None = None
    delays: bool = False

    def __post_init__(self) -> None:
        for name in ("source_v_pu", "settle_spot_scale"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise GridError(f"{name} {value} is not a positive number: raise it")


def load_commands(loads: Iterable[CircuitLoad]) -> list[str]:
    """Published loads with other powers than the circuit's own."""
    return [
        f"edit {quoted(f'load.{load.name}')} kw={load.p_kw!r} kvar={load.q_kvar!r}"
        for load in loads
    ]


def quoted(element: str) -> str:
    """A `class.name` as commands take it: in quotes if it has blanks."""
    return f'"{element}"' if " " in element else element


def source_commands(source_v_pu: float) -> list[str]:
    """Another voltage at the head."""
    return [f"edit vsource.source pu={source_v_pu!r}"]


def house_commands(circuit: Circuit, houses: Sequence[HouseSite], plan: HousePlan) -> list[str]:
    """Service transformers, drops and one load per house, drawing 1 kW at power factor 0.97."""
    first = {house.transformer: house for house in reversed(houses) if not house.on_secondary}
    kva = plan.transformer_kva
    transformers = [
        f"new transformer.{name} {_windings(house)}"
        f" buses=[{house.bus}{nodes_text(house.phase)} {name}{_meter_nodes(house)}]"
        f" kvs=[{_service_kv(circuit, house)} {WYE_KV if _on_three(house) else SERVICE_KV}]"
        f" kvas=[{kva} {kva}]"
        f" %rs=[{SERVICE_R_PERCENT} {SERVICE_R_PERCENT}] xhl={SERVICE_X_PERCENT}"
        f" %noloadloss={SERVICE_NO_LOAD_PERCENT} %imag={SERVICE_MAGNETISING_PERCENT}"
        for name, house in reversed(first.items())
    ]
    drops = [
        _drop(drop_name(house.name), _before_drop(house), house, plan.drop_ft) for house in houses
    ]
    # Between two conductors an open drop would leave a load without any voltage to ground.
    anchors = [
        f"new reactor.ground_{house.name} phases=2 bus1={house.name}.1.2 r={ANCHOR_OHM} x=0"
        for house in houses
        if len(_meter_nodes(house)) == len(".1.2")
    ]
    loads = [
        f"new load.{house.name} phases={3 if _on_three(house) else 1}"
        f" bus1={house.name}{_meter_nodes(house)} kv={_load_kv(house)!r} model=1"
        f" kw={HOUSE_NOMINAL_KW} kvar={HOUSE_NOMINAL_KW * HOUSE_NOMINAL_TAN!r} {load_limits()}"
        for house in houses
    ]
    return [*transformers, *drops, *anchors, *loads]


def tie_commands(houses: Sequence[HouseSite], ties: Mapping[str, tuple[str, float]]) -> list[str]:
    """Normally open drops from other transformers: transformer and length in ft by house."""
    by_name = {house.name: house for house in houses}
    return [
        command
        for name, (transformer, length_ft) in ties.items()
        for house in [by_name[name]]
        for command in (
            _drop(tie_name(name), f"{transformer}{_meter_nodes(house)}", house, length_ft),
            f"open line.{tie_name(name)} 2",
        )
    ]


def solution_commands(circuit: Circuit) -> list[str]:
    """Voltage bases and solution settings; to be given after the last element."""
    # OpenDSS wants line-to-line bases, also of a bus with one phase.
    bases = {bus.base_kv for bus in circuit.buses.values()} | {SERVICE_KV * math.sqrt(3)}
    return [
        f"set voltagebases=[{' '.join(repr(base) for base in sorted(bases))}]",
        "calcvoltagebases",
        "set mode=snapshot",
        "set controlmode=off",
        # At 1e-8 the same state reached by another history differs by less than 1e-9 pu.
        "set tolerance=1e-8",
        "set maxiterations=100",
    ]


def regcontrol_commands(
    circuit: Circuit, set_points_v: tuple[float, ...] | None = None, *, delays: bool = False
) -> list[str]:
    """The feeder's own RegControls and CapControls, which settle within each solve or, with
    delays, act when their time has come.

    Raises GridError for set points that are not one for each regulator.
    """
    return [
        *circuit.controls,
        *(_set_points(circuit, set_points_v) if set_points_v is not None else []),
        # Static lets all control actions come to rest inside one solve. It must come after
        # the mode, which sets it back.
        f"set controlmode={'time' if delays else 'static'}",
        "set maxcontroliter=100",
    ]


def _set_points(circuit: Circuit, set_points_v: tuple[float, ...]) -> list[str]:
    regulators = circuit.regulators
    if len(set_points_v) != len(regulators):
        names = ", ".join(regulator.name for regulator in regulators)
        raise GridError(
            f"set points {list(set_points_v)} are {len(set_points_v)}, and {circuit.name} has "
            f"{len(regulators)} regulators ({names}): give one each"
        )
    return [
        f"edit {quoted(f'regcontrol.{regulator.control}')} vreg={set_point_v!r}"
        for regulator, set_point_v in zip(regulators, set_points_v, strict=True)
    ]


def drop_name(house: str) -> str:
    """Name of the line element that is a house's service drop."""
    return f"drop_{house}"


def tie_name(house: str) -> str:
    """Name of the line element that is a house's normally open second feed."""
    return f"tie_{house}"


def check_tap(move: TapMove, regulator: Regulator) -> None:
    """Raise GridError for a tap that is no position of the regulator."""
    what = f"tap {move.tap} for regulator {move.regulator!r}"
    if move.tap != int(move.tap):
        raise GridError(f"{what} is between two positions: give an integer")
    if move.tap > regulator.max_tap:
        raise GridError(
            f"{what} exceeds {regulator.max_tap}: the regulator ends at "
            f"{regulator.max_tap * regulator.pu_per_tap:+.0%}, lower the tap"
        )
    if move.tap < regulator.min_tap:
        raise GridError(
            f"{what} is below {regulator.min_tap}: the regulator ends at "
            f"{regulator.min_tap * regulator.pu_per_tap:+.0%}, raise the tap"
        )


def tap_ratio(tap: int, pu_per_tap: float = TAP_STEP_PU) -> float:
    """Turns ratio in pu of a tap position."""
    return 1 + pu_per_tap * tap


def nodes_text(phases: str) -> str:
    """Phases as the engine writes them behind a bus, `.1.2`."""
    return "".join(f".{PHASE_NODE[phase]}" for phase in phases)


def _service_kv(circuit: Circuit, house: HouseSite) -> float:
    """Rated primary voltage of a service transformer: to neutral, or between phases."""
    base_kv = circuit.buses[house.bus].base_kv
    return base_kv if len(house.phase) > 1 else round(base_kv / math.sqrt(3), 4)


def _before_drop(house: HouseSite) -> str:
    """Where a service drop begins."""
    if house.on_secondary:
        return f"{house.bus}{nodes_text(house.phase)}"
    return f"{house.transformer}{_meter_nodes(house)}"


def _drop(name: str, begin: str, house: HouseSite, length_ft: float) -> str:
    """The loop of two conductors, or each conductor of several, which has half of its impedance."""
    nodes = _meter_nodes(house)
    wires = nodes.count(".")
    half = 1 if wires == 1 else 2
    return (
        f"new line.{name} phases={wires} bus1={begin} bus2={house.name}{nodes}"
        f" length={length_ft / 1000!r} units=kft"
        f" rmatrix=[{_diagonal(DROP_R_OHM_PER_KFT / half, wires)}]"
        f" xmatrix=[{_diagonal(DROP_X_OHM_PER_KFT / half, wires)}]"
        f" cmatrix=[{_diagonal(0, wires)}]"
        f" normamps={DROP_AMPACITY_A}"
    )


def _diagonal(value: float, size: int) -> str:
    """A lower triangle."""
    return " | ".join(" ".join([*["0"] * row, repr(value)]) for row in range(size))


def _on_three(house: HouseSite) -> bool:
    return len(house.phase) == len("ABC")


def _meter_nodes(house: HouseSite) -> str:
    """The house's own conductors: one, two between phases of low voltage, or three."""
    if _on_three(house):
        return ".1.2.3"
    return ".1.2" if house.on_secondary and len(house.phase) == len("AB") else ".1"


def _windings(house: HouseSite) -> str:
    return "phases=3 windings=2 conns=[wye wye]" if _on_three(house) else "phases=1 windings=2"


def _load_kv(house: HouseSite) -> float:
    return house.base_kv * math.sqrt(3) if _on_three(house) else house.base_kv


def load_limits() -> str:
    """Voltages between which a load keeps its model."""
    return f"vminpu={LOAD_V_MIN_PU} vmaxpu={LOAD_V_MAX_PU}"
