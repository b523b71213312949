"""A circuit with houses in an engine: from records to something that solves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import HouseSite, SpotLoad
from p2p_cosim.feeders.elements import Regulator
from p2p_cosim.grid.circuit import Circuit, CircuitLoad
from p2p_cosim.grid.commands import (
    FeederOptions,
    house_commands,
    load_commands,
    regcontrol_commands,
    solution_commands,
    source_commands,
    tie_commands,
)
from p2p_cosim.grid.engine import Engine
from p2p_cosim.grid.faults import short_circuit_commands
from p2p_cosim.grid.houses import HousePlan, place_houses, place_ties
from p2p_cosim.grid.spots import remaining_loads


@dataclass(frozen=True, slots=True)
class Assembly:
    """An engine that holds the circuit's loads, then the houses', at neutral taps.

    taps: where they are to be put. ties: by house with a second feed, the transformer it leads
    to; all are open. spot_positions, house_positions: among the engine's loads.
    """

    engine: Engine
    circuit: Circuit
    houses: tuple[HouseSite, ...]
    loads: tuple[CircuitLoad, ...]
    taps: tuple[int, ...]
    ties: dict[str, str]
    spot_positions: tuple[int, ...]
    house_positions: tuple[int, ...]

    @property
    def spot_loads(self) -> tuple[SpotLoad, ...]:
        """Published loads as records."""
        return tuple(
            SpotLoad(load.name, load.bus, load.phases, load.p_kw, load.q_kvar)
            for load in self.loads
        )


def assemble(circuit: Circuit, options: FeederOptions, plan: HousePlan) -> Assembly:
    """Build it. Raises GridError as `OpenDSSGrid.build` says."""
    houses = place_houses(circuit, plan)
    loads = remaining_loads(circuit, houses, plan)
    v_pu = circuit.source_v_pu if options.source_v_pu is None else options.source_v_pu
    attached = [*source_commands(v_pu), *house_commands(circuit, houses, plan)]
    engine, taps = Engine(), options.taps
    if taps is None:
        taps = _settled_taps(engine, circuit, loads, attached, options)
    _check_count(taps, circuit)
    ties = place_ties(houses, plan)
    engine.run(
        [
            *circuit.commands,
            *(load_commands(loads) if loads != circuit.loads else []),
            *attached,
            *tie_commands(houses, ties),
            *short_circuit_commands(circuit),
            *solution_commands(circuit),
        ]
    )
    if circuit.others:
        # With generators that hold a voltage the first solve works out every element's admittances
        # anew but not the matrix: it has to come before a load is written without the matrix.
        engine.solve()
    if options.regcontrol:
        engine.run(_own_controls(circuit, options))
    others = [name for name, *_ in circuit.others]
    engine.watch([(name, nodes) for name, _, nodes in circuit.sources], others)
    at = {name: position for position, name in enumerate(engine.load_names())}
    return Assembly(
        engine,
        circuit,
        houses,
        loads,
        taps,
        {house: to for house, (to, _) in ties.items()},
        tuple(at[load.name] for load in loads),
        tuple(at[house.name] for house in houses),
    )


def _own_controls(circuit: Circuit, options: FeederOptions) -> list[str]:
    return regcontrol_commands(circuit, options.set_points_v, delays=options.delays)


def _check_count(taps: Sequence[int], circuit: Circuit) -> None:
    if len(taps) != len(circuit.regulators):
        names = ", ".join(regulator.name for regulator in circuit.regulators)
        raise GridError(
            f"taps {list(taps)} are {len(taps)}, and {circuit.name} has "
            f"{len(circuit.regulators)} regulators ({names}): give one each"
        )


def read_tap(engine: Engine, regulator: Regulator) -> int:
    """Where a regulator stands."""
    ratio = engine.ratio(regulator.name, regulator.winding)
    return round((ratio - 1) / regulator.pu_per_tap)


def _settled_taps(
    engine: Engine,
    circuit: Circuit,
    loads: Sequence[CircuitLoad],
    attached: Sequence[str],
    options: FeederOptions,
) -> tuple[int, ...]:
    # In a circuit of its own, so that no RegControl ever stands in the one that is run.
    scale = options.settle_spot_scale
    scaled = [replace(load, p_kw=load.p_kw * scale, q_kvar=load.q_kvar * scale) for load in loads]
    changed = load_commands(scaled) if tuple(scaled) != circuit.loads else []
    solution = [*solution_commands(circuit), *regcontrol_commands(circuit, options.set_points_v)]
    engine.run([*circuit.commands, *changed, *attached, *solution])
    if not engine.solve():
        raise GridError(
            "the regulators do not settle: give their positions in feeder.taps"
            f"{', where an InvControl may hold them up' if engine.is_restless else ''}"
        )
    return tuple(read_tap(engine, regulator) for regulator in circuit.regulators)
