"""Voltages in pu of the feeder's nodes and of the houses, from the engine's."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.limits import INTERRUPTION_PU
from p2p_cosim.core.types import FloatArray, HouseSite
from p2p_cosim.feeders.elements import PHASE_NODE
from p2p_cosim.grid.circuit import Circuit
from p2p_cosim.grid.engine import PHASES, Engine

_FLOATING_PU = 100.0


class Voltages(Brief):
    """Reads an engine. node_names: `bus.phase` of the feeder's own nodes, in order."""

    def __init__(self, engine: Engine, circuit: Circuit, houses: Sequence[HouseSite]) -> None:
        self._engine, self._circuit, self._houses = engine, circuit, tuple(houses)
        self.node_names = tuple(
            f"{bus.name}.{phase}" for bus in circuit.buses.values() for phase in bus.phases
        )
        self.renumber()

    def renumber(self) -> None:
        """Find the nodes in the engine's present order."""
        names = self._engine.node_names()
        self._at, self._base_v = _node_table(self._circuit, self._houses, names)
        self._several = _SeveralConductors(self._houses, names)

    def v_pu(self) -> FloatArray:
        """Of the feeder's nodes, then of the houses."""
        # One that no element has at present is the last, which is dead.
        voltages_v = np.append(self._engine.voltages_v(), 0)
        v_pu = np.asarray(np.abs(voltages_v[self._at]) / self._base_v)
        self._several.put(v_pu[len(self.node_names) :], voltages_v)
        return v_pu

    def are_finite(self) -> bool:
        """Whether every node has a voltage; the engine may call it converged to NaN."""
        return bool(np.isfinite(self._engine.voltages_v()).all())

    def are_afloat(self) -> bool:
        """Whether some are far above any that a source could hold: behind an open end nothing
        holds them, and the engine may take whatever it comes to for a solution."""
        return bool((self.v_pu() > _FLOATING_PU).any())

    def of_phases(self) -> FloatArray:
        """Shape (houses, 3), NaN for houses that are not on three phases; empty without one."""
        return self._several.of_phases(self._engine.voltages_v())


class _SeveralConductors:
    """Voltages of houses between two conductors of low voltage, and on three."""

    def __init__(self, houses: Sequence[HouseSite], engine_names: Sequence[str]) -> None:
        order = {name: index for index, name in enumerate(engine_names)}

        def table(chosen: list[int], nodes: int) -> NDArray[np.int64]:
            rows = [
                [order[f"{houses[at].name}.{node}".upper()] for node in range(1, nodes + 1)]
                for at in chosen
            ]
            return np.array(rows, dtype=np.int64).reshape(-1, nodes)

        pairs = [at for at, h in enumerate(houses) if h.on_secondary and len(h.phase) == 2]
        threes = [at for at, h in enumerate(houses) if len(h.phase) == PHASES]
        self._base_v = np.array([house.base_kv * 1e3 for house in houses])
        self._pairs, self._pair_nodes = np.array(pairs, dtype=np.int64), table(pairs, 2)
        self._threes, self._three_nodes = np.array(threes, dtype=np.int64), table(threes, PHASES)

    def put(self, house_v_pu: FloatArray, voltages_v: NDArray[np.complex128]) -> None:
        """Write the voltages of these houses, in pu: between the two conductors, or of three the
        one farthest from 1 pu of those with supply."""
        if self._pairs.size:
            first, second = voltages_v[self._pair_nodes].T
            house_v_pu[self._pairs] = np.abs(first - second) / self._base_v[self._pairs]
        if self._threes.size:
            v_pu = self.of_phases(voltages_v)[self._threes]
            deviation = np.where(v_pu > INTERRUPTION_PU, np.abs(v_pu - 1), -1.0)
            house_v_pu[self._threes] = v_pu[np.arange(len(v_pu)), deviation.argmax(axis=1)]

    def of_phases(self, voltages_v: NDArray[np.complex128]) -> FloatArray:
        """Shape (houses, 3), NaN for houses that are not on three phases; empty without one."""
        if not self._threes.size:
            return np.zeros((0, PHASES))
        v_pu = np.full((len(self._base_v), PHASES), np.nan)
        v_pu[self._threes] = (
            np.abs(voltages_v[self._three_nodes]) / self._base_v[self._threes, None]
        )
        return v_pu


def _node_table(
    circuit: Circuit, houses: Sequence[HouseSite], engine_names: Sequence[str]
) -> tuple[NDArray[np.int64], FloatArray]:
    """Engine positions and base volts of the feeder's nodes, then of houses."""
    order = {name: index for index, name in enumerate(engine_names)}
    nodes = [(bus, phase) for bus in circuit.buses.values() for phase in bus.phases]
    nowhere = len(order)
    positions = [
        order.get(f"{bus.name}.{PHASE_NODE[phase]}".upper(), nowhere) for bus, phase in nodes
    ]
    positions += [order[f"{house.name}.1".upper()] for house in houses]
    bases = [bus.base_kv * 1e3 / math.sqrt(3) for bus, _ in nodes]
    bases += [house.base_kv * 1e3 for house in houses]
    return np.array(positions, dtype=np.int64), np.array(bases)
