"""The feeder over OpenDSS: one context, taps owned by the caller, arrays in and out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from p2p_cosim.core.errors import DivergenceError, GridError
from p2p_cosim.core.naming import require
from p2p_cosim.core.types import (
    Fault,
    FloatArray,
    GridState,
    HouseSite,
    Injections,
    RatedElement,
    RegulatorSite,
    SpotLoad,
    TapMove,
)
from p2p_cosim.grid.assembly import Assembly, assemble, read_tap
from p2p_cosim.grid.catalogue import package_circuit
from p2p_cosim.grid.circuit import Circuit
from p2p_cosim.grid.commands import FeederOptions, check_tap, tap_ratio
from p2p_cosim.grid.currents import PlaceCurrents
from p2p_cosim.grid.head import Head
from p2p_cosim.grid.houses import NO_HOUSES, HousePlan
from p2p_cosim.grid.loads import LoadWriter
from p2p_cosim.grid.nodes import checked, farthest
from p2p_cosim.grid.readings import Readings
from p2p_cosim.grid.regulators import regulator_sites
from p2p_cosim.grid.supply import Supply
from p2p_cosim.grid.voltages import Voltages

_DEFAULT_OPTIONS = FeederOptions()


class OpenDSSGrid:
    """A `Grid` over its own engine context; `build` makes one.

    A solve starts from the voltages of the solve before, so that the same state reached by
    another history differs by some 1e-9 pu. After a tap move, a fault, a repair or a
    divergence it starts afresh and depends on nothing that went before.
    """

    def __init__(self, assembly: Assembly, *, regcontrol: bool = False) -> None:
        """Wrap what `assemble` made. regcontrol: its RegControls own the taps from now on."""
        self._circuit = circuit = assembly.circuit
        self._houses = houses = assembly.houses
        self._engine = engine = assembly.engine
        self._regulators = {regulator.name: regulator for regulator in circuit.regulators}
        self._spot_loads = assembly.spot_loads
        self._writer = LoadWriter(assembly)
        self._voltages = Voltages(engine, circuit, houses)
        self._node_names = self._voltages.node_names
        self._readings = Readings(assembly)
        self._place_currents = PlaceCurrents(engine, circuit, houses)
        self._regulator_sites = regulator_sites(circuit, houses)
        self._supply = Supply(circuit, houses, assembly.ties, regcontrol=regcontrol)
        self._injections = Injections(np.zeros(len(houses)), np.zeros(len(houses)))
        self._head = Head(engine)
        self._restart, self._regcontrol, self._trips = True, False, 0
        self._taps: dict[str, int] = {}
        for regulator, tap in zip(self._regulators, assembly.taps, strict=True):
            self.set_tap(TapMove(regulator, tap, "initial"))
        self._regcontrol = regcontrol

    @classmethod
    def build(
        cls,
        feeder: str | Circuit = "ieee13",
        options: FeederOptions = _DEFAULT_OPTIONS,
        houses: HousePlan = NO_HOUSES,
    ) -> OpenDSSGrid:
        """A feeder with houses, its taps as the options say and its loads at nominal.

        feeder: the name of one of this package's, or any circuit.
        Raises GridError for an unknown feeder or site, a tap beyond 16, too few taps or too
        many, spot loads too small for the houses that replace them, regulators that do not
        settle, or a tie that leads nowhere, to the house's own transformer or to another phase.
        """
        made = package_circuit(feeder) if isinstance(feeder, str) else feeder
        return cls(assemble(made, options, houses), regcontrol=options.regcontrol)

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
        """Phase by regulator name, in the order of `GridState.taps`; `"ABC"` if ganged."""
        return {name: regulator.phase for name, regulator in self._regulators.items()}

    @property
    def rated_elements(self) -> tuple[RatedElement, ...]:
        """Lines and transformers in the order of `GridState.current_a`."""
        return self._readings.elements

    @property
    def regulator_sites(self) -> Mapping[str, RegulatorSite]:
        """What each regulator serves and how, in the order of `GridState.taps`."""
        return self._regulator_sites

    @property
    def circuit(self) -> Circuit:
        """The feeder that was built."""
        return self._circuit

    @property
    def taps(self) -> Mapping[str, int]:
        """Present tap by regulator name, in the order of `GridState.taps`."""
        return dict(self._taps)

    @property
    def regcontrol(self) -> bool:
        """Whether the engine's RegControls own the taps."""
        return self._regcontrol

    @property
    def injections(self) -> Injections:
        """What was dispatched last."""
        return self._injections

    @property
    def topology(self) -> int:
        """Grows whenever a switch moves, or something breaks or is repaired."""
        return self._supply.topology

    def dispatch(self, injections: Injections) -> None:
        """Set what every house draws, how the published loads are scaled, and the head.

        Takes effect at the next solve. Raises GridError for arrays of another shape than
        (houses,) and for a scale or voltage that cannot be.
        """
        self._injections = checked(injections, len(self._houses), len(self._spot_loads))

    def set_tap(self, move: TapMove) -> None:
        """Write the regulator's turns ratio.

        Raises GridError for an unknown regulator, a tap that is no integer or beyond 16, and
        where RegControls own the taps.
        """
        if self._regcontrol:
            raise GridError(
                f"regulator {move.regulator!r} is moved by its own RegControl: build the grid "
                "without regcontrol, or leave the tap"
            )
        require("regulator", move.regulator, self._regulators)
        regulator = self._regulators[move.regulator]
        check_tap(move, regulator)
        ratio = tap_ratio(move.tap, regulator.pu_per_tap)
        self._engine.set_ratio(move.regulator, ratio, regulator.winding)
        self._restart = True
        self._taps[move.regulator] = int(move.tap)

    def solve(self) -> GridState:
        """One power flow of the present dispatch, taps and outages.

        Raises DivergenceError if it does not converge or gives NaN, also from a fresh start;
        a good dispatch after that is solved as if nothing had happened.
        """
        self._converged()
        return self._state()

    def solve_voltages(self) -> FloatArray:
        """One power flow, of which only the house voltages in pu are read; shape (houses,).

        For sweeps: half the time of `solve`. Raises DivergenceError as that does.
        """
        self._converged()
        return self._house_v_pu(self._v_pu())

    def _converged(self) -> None:
        """Solve, from a fresh start if need be."""
        for restart in (True,) if self._restart else (False, True):
            if self._attempt(restart):
                self._restart = False
                for name in self._taps if self._regcontrol else ():
                    self._taps[name] = read_tap(self._engine, self._regulators[name])
                return
        self._restart = True
        if open_ends := self._supply.anchors():
            self._engine.run(open_ends)
            return self._converged()
        raise self._divergence()

    def _attempt(self, restart: bool) -> bool:
        """Write and solve; whether it converged to voltages that can be."""
        if self._head.write(self._injections) or restart:
            # The loads' part of the matrix and the first voltages come from nominal powers, so
            # that nothing depends on what was dispatched before, NaN among it.
            self._writer.renew()
            self._engine.solve_linear()
        self._writer.write(self._injections, self._supply)
        if not self._engine.solve() or not self._voltages.are_finite():
            return False
        return not (self._supply.is_broken and self._voltages.are_afloat())

    def _state(self) -> GridState:
        v_pu = self._v_pu()
        return self._readings.state(
            house_v_pu=self._house_v_pu(v_pu),
            node_v_pu=v_pu[: len(self._node_names)],
            taps=tuple(self._taps.values()),
            is_shorted=self._supply.is_shorted,
            source_v_pu=self._head.v_pu,
            controlled=self._regcontrol,
            house_phase_v_pu=self._voltages.of_phases(),
        )

    def _house_v_pu(self, v_pu: FloatArray) -> FloatArray:
        # An island is dark; the engine may leave it a trace of a volt.
        return np.where(self._supply.supplied, v_pu[len(self._node_names) :], 0.0)

    def _v_pu(self) -> FloatArray:
        """Voltages of the feeder's nodes, then of the houses."""
        return self._voltages.v_pu()

    def _divergence(self) -> DivergenceError:
        wrong = ~np.isfinite(self._injections.house_p_kw + self._injections.house_q_kvar)
        if wrong.any():
            return DivergenceError(self._houses[int(wrong.argmax())].name, math.nan)
        names = (*self._node_names, *(house.name for house in self._houses))
        worst = farthest(self._v_pu(), names, self._supply.supplied)
        return DivergenceError(*worst, None, self._supply.broken, self._engine.is_restless)

    @property
    def line_lengths(self) -> FloatArray:
        """Of all lines, service drops included, each in its own unit; shape (lines,)."""
        return self._engine.line_lengths()

    def set_line_lengths(self, lengths: FloatArray) -> None:
        """Take every line to be so long, for a model that knows them badly."""
        self._engine.set_line_lengths(lengths)
        self._restart = True

    def currents_a(self, place: str) -> dict[str, complex]:
        """Current in A into a line, switch or service transformer at the source's end, by phase.

        Of the last solve. Raises GridError for a place that is none of them.
        """
        return self._place_currents.at(place)

    def check(self, fault: Fault) -> None:
        """Raise GridError unless the fault names a kind, place and phases of this feeder."""
        self._supply.check(fault)

    def apply(self, fault: Fault) -> None:
        """Break something; see `Fault` for what there is.

        Raises GridError for an unknown kind or place, phases that are not there, and a second
        short circuit while one stands.
        """
        self._switch(self._supply.break_(fault))

    def clear(self, fault: Fault) -> None:
        """Repair it, unless another fault still holds the same thing open.

        Raises GridError for an unknown kind or place, or a fault that was not applied.
        """
        self._switch(self._supply.repair(fault))

    def transfer(self, house: str, to_tie: bool) -> None:
        """Throw a house's transfer switch: to its tie, or back to its own drop.

        Raises GridError for a house without a tie."""
        if commands := self._supply.transfer(house, to_tie):
            self._switch(commands)

    def _switch(self, commands: Sequence[str]) -> None:
        self._engine.run(commands)
        if self._supply.trips != self._trips:
            # What has tripped no longer counts where the engine numbers its nodes.
            self._trips = self._supply.trips
            self._engine.run(["makebuslist"])
            self._voltages.renumber()
            self._readings.renumber()
        self._restart = True
