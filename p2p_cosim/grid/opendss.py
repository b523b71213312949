"""The feeder over OpenDSS: one context, taps owned by the caller, arrays in and out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from p2p_cosim.core.errors import DivergenceError, GridError
from p2p_cosim.core.types import (
    Fault,
    FloatArray,
    GridState,
    HouseSite,
    Injections,
    SpotLoad,
    TapMove,
)
from p2p_cosim.grid.commands import (
    HOUSE_KV,
    HOUSE_NOMINAL_KW,
    HOUSE_NOMINAL_TAN,
    MAX_TAP,
    PU_PER_TAP,
    FeederOptions,
    circuit_commands,
    drop_name,
    house_commands,
    settle_commands,
    solution_commands,
    tap_ratio,
    tie_commands,
    tie_name,
)
from p2p_cosim.grid.engine import Engine
from p2p_cosim.grid.feeder import PHASE_NODE, Feeder, PublishedLoad, load_feeder
from p2p_cosim.grid.houses import NO_HOUSES, HousePlan, place_houses, place_ties, remaining_loads
from p2p_cosim.grid.naming import require

FAULT_KINDS = ("house_outage",)
_DEFAULT_OPTIONS = FeederOptions()


class OpenDSSGrid:
    """A `Grid` over its own engine context; `build` makes one.

    A solve starts from the voltages of the solve before, so that the same state reached by
    another history differs by some 1e-9 pu. After a tap move, a fault, a repair or a
    divergence it starts afresh and depends on nothing that went before.
    """

    def __init__(
        self,
        engine: Engine,
        feeder: Feeder,
        houses: tuple[HouseSite, ...],
        loads: tuple[PublishedLoad, ...],
        taps: tuple[int, ...],
        ties: Iterable[str] = (),
    ) -> None:
        """Wrap an engine that holds these loads, then these houses, at neutral taps.

        ties: houses with a second feed, all of them open.
        """
        self._engine = engine
        self._houses = houses
        self._index = {house.name: index for index, house in enumerate(houses)}
        self._regulators = {regulator.name: regulator.phase for regulator in feeder.regulators}
        self._spot_loads = tuple(
            SpotLoad(load.name, load.bus, load.phases, load.p_kw, load.q_kvar) for load in loads
        )
        self._spot_p_kw = np.array([load.p_kw for load in loads])
        self._spot_q_kvar = np.array([load.q_kvar for load in loads])
        self._spot_group = engine.loads(0, len(loads))
        self._house_group = engine.loads(len(loads), len(houses))
        self._node_names, self._voltage_index, self._base_v = _nodes(
            feeder, houses, engine.node_names()
        )
        self._nominal_kw = np.full(len(houses), HOUSE_NOMINAL_KW)
        self._nominal_kvar = self._nominal_kw * HOUSE_NOMINAL_TAN
        self._outages: dict[Fault, None] = {}
        self._on_tie = dict.fromkeys(ties, False)
        self._supplied = np.ones(len(houses), dtype=bool)
        self._injections = Injections(np.zeros(len(houses)), np.zeros(len(houses)))
        self._written_scale = math.nan
        self._restart = True
        self._taps: dict[str, int] = {}
        for regulator, tap in zip(self._regulators, taps, strict=True):
            self.set_tap(TapMove(regulator, tap, "initial"))

    @classmethod
    def build(
        cls,
        feeder: str = "ieee13",
        options: FeederOptions = _DEFAULT_OPTIONS,
        houses: HousePlan = NO_HOUSES,
    ) -> OpenDSSGrid:
        """A feeder with houses, its taps as the options say and its loads at nominal.

        Raises GridError for an unknown feeder or site, a tap beyond 16, spot loads too small
        for the houses that replace them, regulators that do not settle, or a tie that leads
        nowhere, to the house's own transformer or to another phase.
        """
        data = load_feeder(feeder)
        sites = place_houses(data, houses)
        loads = remaining_loads(data.loads, sites, houses)
        engine = Engine()
        attached = house_commands(sites, houses)
        taps = options.taps or _settled_taps(engine, data, loads, attached, options)
        circuit = circuit_commands(data, loads, options.source_v_pu)
        ties = place_ties(sites, houses)
        engine.run([*circuit, *attached, *tie_commands(ties), *solution_commands(data)])
        return cls(engine, data, sites, loads, taps, ties)

    def __repr__(self) -> str:
        taps = "/".join(str(tap) for tap in self._taps.values())
        return f"OpenDSSGrid({len(self._houses)} houses, taps {taps})"

    @property
    def engine_version(self) -> str:
        """Version of OpenDSS that solves."""
        return self._engine.version

    @property
    def houses(self) -> tuple[HouseSite, ...]:
        """Sites in the order of every house array."""
        return self._houses

    @property
    def spot_loads(self) -> tuple[SpotLoad, ...]:
        """Published loads, spot then distributed, in the order of `GridState.spot_p_kw`."""
        return self._spot_loads

    @property
    def node_names(self) -> tuple[str, ...]:
        """`bus.phase` of the feeder's own nodes, in the order of `GridState.node_v_pu`."""
        return self._node_names

    @property
    def regulators(self) -> Mapping[str, str]:
        """Phase by regulator name, in the order of `GridState.taps`."""
        return dict(self._regulators)

    def dispatch(self, injections: Injections) -> None:
        """Set what every house draws and how the published loads are scaled.

        Takes effect at the next solve. Raises GridError for arrays of another shape than
        (houses,) and for a scale that is negative or not a number.
        """
        p_kw = np.array(injections.house_p_kw, dtype=np.float64)
        q_kvar = np.array(injections.house_q_kvar, dtype=np.float64)
        shape = (len(self._houses),)
        if not p_kw.shape == q_kvar.shape == shape:
            raise GridError(
                f"house_p_kw and house_q_kvar have shapes {p_kw.shape} and {q_kvar.shape}: "
                f"give {shape}, one value per house"
            )
        if not 0 <= injections.spot_scale < math.inf:
            raise GridError(
                f"spot_scale {injections.spot_scale} is not a number from 0: correct the profile"
            )
        self._injections = Injections(p_kw, q_kvar, injections.spot_scale)

    def set_tap(self, move: TapMove) -> None:
        """Write the regulator's turns ratio.

        Raises GridError for an unknown regulator, or a tap that is no integer or beyond 16.
        """
        require("regulator", move.regulator, self._regulators)
        what = f"tap {move.tap} for regulator {move.regulator!r}"
        if move.tap != int(move.tap):
            raise GridError(f"{what} is between two positions: give an integer")
        if move.tap > MAX_TAP:
            raise GridError(
                f"{what} exceeds {MAX_TAP}: the regulator ends at "
                f"+{MAX_TAP * PU_PER_TAP:.0%}, lower the tap"
            )
        if move.tap < -MAX_TAP:
            raise GridError(
                f"{what} is below -{MAX_TAP}: the regulator ends at "
                f"-{MAX_TAP * PU_PER_TAP:.0%}, raise the tap"
            )
        self._engine.set_ratio(move.regulator, tap_ratio(move.tap))
        self._restart = True
        self._taps[move.regulator] = int(move.tap)

    def solve(self) -> GridState:
        """One power flow of the present dispatch, taps and outages.

        Raises DivergenceError if it does not converge or gives NaN, also from a fresh start;
        a good dispatch after that is solved as if nothing had happened.
        """
        for restart in (True,) if self._restart else (False, True):
            losses_kw = self._attempt(restart)
            if math.isfinite(losses_kw):
                self._restart = False
                return self._state(losses_kw)
        self._restart = True
        raise self._divergence()

    def _attempt(self, restart: bool) -> float:
        """Write and solve; the losses in kW, or NaN if it did not converge."""
        if restart:
            # The loads' part of the matrix and the first voltages come from nominal powers, so
            # that nothing depends on what was dispatched before, NaN among it.
            self._house_group.renew(self._nominal_kw, self._nominal_kvar)
            self._spot_group.renew(self._spot_p_kw, self._spot_q_kvar)
            self._written_scale = 1.0
            self._engine.solve_linear()
        injections, scale = self._injections, self._injections.spot_scale
        p_kw, q_kvar = injections.house_p_kw, injections.house_q_kvar
        if self._outages:
            p_kw, q_kvar = np.where(self._supplied, (p_kw, q_kvar), 0.0)
        self._house_group.write(p_kw, q_kvar)
        if scale != self._written_scale:
            self._spot_group.write(self._spot_p_kw * scale, self._spot_q_kvar * scale)
            self._written_scale = scale
        # Every node has a line or transformer, so one NaN voltage makes the losses NaN.
        return self._engine.losses_kva().real if self._engine.solve() else math.nan

    def _state(self, losses_kw: float) -> GridState:
        v_pu = self._v_pu()
        loads = self._engine.load_powers_kva()
        source = self._engine.source_powers_kva()
        spots, nodes = len(self._spot_loads), len(self._node_names)
        return GridState(
            house_v_pu=v_pu[nodes:],
            house_p_kw=loads.real[spots:],
            house_q_kvar=loads.imag[spots:],
            spot_p_kw=loads.real[:spots],
            node_v_pu=v_pu[:nodes],
            head_p_kw=source.real,
            head_q_kvar=source.imag,
            losses_kw=losses_kw,
            taps=tuple(self._taps.values()),
        )

    def _v_pu(self) -> FloatArray:
        """Voltages of the feeder's nodes, then of the houses."""
        v_pu: FloatArray = np.abs(self._engine.voltages_v()[self._voltage_index]) / self._base_v
        return v_pu

    def _divergence(self) -> DivergenceError:
        wrong = ~np.isfinite(self._injections.house_p_kw + self._injections.house_q_kvar)
        if wrong.any():
            return DivergenceError(self._houses[int(wrong.argmax())].name, math.nan)
        v_pu = self._v_pu()
        alive = np.concatenate([np.ones(len(self._node_names), dtype=bool), self._supplied])
        worst = int(np.where(alive, np.abs(v_pu - 1), 0).argmax())
        return DivergenceError((*self._node_names, *self._index)[worst], float(v_pu[worst]))

    def apply(self, fault: Fault) -> None:
        """Open the service drop of house `fault.place` at the meter.

        Raises GridError for an unknown kind or house.
        """
        self._check(fault)
        self._outages[fault] = None
        self._switch(fault.place)

    def clear(self, fault: Fault) -> None:
        """Close the drop again, unless another fault still holds it open.

        Raises GridError for an unknown kind or house, or a fault that was not applied.
        """
        self._check(fault)
        if fault not in self._outages:
            raise GridError(f"{fault} is not active: apply it before clearing it")
        del self._outages[fault]
        self._switch(fault.place)

    def transfer(self, house: str, to_tie: bool) -> None:
        """Throw a house's transfer switch: to its tie, or back to its own drop.

        Raises GridError for a house without a tie.
        """
        require("house with a tie", house, self._on_tie)
        if self._on_tie[house] != to_tie:
            self._on_tie[house] = to_tie
            self._switch(house)

    def _check(self, fault: Fault) -> None:
        require("fault kind", fault.kind, FAULT_KINDS)
        require("house", fault.place, self._index)

    def _switch(self, house: str) -> None:
        broken = any(fault.place == house for fault in self._outages)
        on_tie = self._on_tie.get(house, False)
        # The meter side: a bus without any admittance would make the matrix singular, and at
        # an open terminal the engine leaves it a trace.
        closed = {f"line.{drop_name(house)} 2": not broken and not on_tie}
        if house in self._on_tie:
            closed[f"line.{tie_name(house)} 2"] = on_tie
        # Break before make: at no moment are two feeds closed.
        commands = [f"{'close' if on else 'open'} {switch}" for switch, on in closed.items()]
        self._engine.run(sorted(commands, reverse=True))
        self._supplied[self._index[house]] = on_tie or not broken
        self._restart = True


def _settled_taps(
    engine: Engine,
    feeder: Feeder,
    loads: Sequence[PublishedLoad],
    attached: Sequence[str],
    options: FeederOptions,
) -> tuple[int, ...]:
    # In a circuit of its own, so that no RegControl ever stands in the one that is run.
    scale = options.settle_spot_scale
    scaled = [replace(load, p_kw=load.p_kw * scale, q_kvar=load.q_kvar * scale) for load in loads]
    circuit = circuit_commands(feeder, scaled, options.source_v_pu)
    engine.run([*circuit, *attached, *solution_commands(feeder), *settle_commands(feeder)])
    if not engine.solve():
        raise GridError("the regulators do not settle: give the taps in the feeder's options")
    ratios = [engine.ratio(regulator.name) for regulator in feeder.regulators]
    return tuple(round((ratio - 1) / PU_PER_TAP) for ratio in ratios)


def _nodes(
    feeder: Feeder, houses: Sequence[HouseSite], engine_names: Sequence[str]
) -> tuple[tuple[str, ...], FloatArray, FloatArray]:
    """Names of the feeder's nodes; engine positions and base volts of those, then of houses."""
    order = {name: index for index, name in enumerate(engine_names)}
    nodes = [(bus, phase) for bus in feeder.buses.values() for phase in bus.phases]
    positions = [order[f"{bus.name}.{PHASE_NODE[phase]}".upper()] for bus, phase in nodes]
    positions += [order[f"{house.name}.1".upper()] for house in houses]
    bases = [bus.base_kv * 1e3 / math.sqrt(3) for bus, _ in nodes]
    bases += [HOUSE_KV * 1e3] * len(houses)
    return (
        tuple(f"{bus.name}.{phase}" for bus, phase in nodes),
        np.array(positions),
        np.array(bases),
    )
