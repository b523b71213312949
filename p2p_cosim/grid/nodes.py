"""Arrays in and out of the engine: checked before, and by name after."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.limits import INTERRUPTION_PU
from p2p_cosim.core.types import FloatArray, HouseSite, Injections
from p2p_cosim.feeders.elements import PHASE_NODE
from p2p_cosim.grid.circuit import Circuit

PHASES = len(PHASE_NODE)


def checked(injections: Injections, houses: int, loads: int) -> Injections:
    """A copy of their own, so that nobody changes it from outside.

    Raises GridError for arrays of another shape than (houses,), a scale that is negative, not a
    number, or neither one nor one for each published load, and a voltage that is no such.
    """
    p_kw = np.array(injections.house_p_kw, dtype=np.float64)
    q_kvar = np.array(injections.house_q_kvar, dtype=np.float64)
    if not p_kw.shape == q_kvar.shape == (houses,):
        raise GridError(
            f"house_p_kw and house_q_kvar have shapes {p_kw.shape} and {q_kvar.shape}: "
            f"give {(houses,)}, one value per house"
        )
    scale = np.array(injections.spot_scale, dtype=np.float64)
    if scale.shape not in ((), (loads,)):
        raise GridError(
            f"spot_scale has shape {scale.shape}: give one number, or "
            f"{(loads,)}, one for each published load"
        )
    if not ((scale >= 0) & (scale < math.inf)).all():
        raise GridError(
            f"spot_scale {injections.spot_scale} is not a number from 0: correct the profile"
        )
    head_v_pu = injections.source_v_pu
    if head_v_pu is not None and not 0 < head_v_pu < math.inf:
        raise GridError(f"source_v_pu {head_v_pu} is not a positive number: correct the series")
    return replace(
        injections,
        house_p_kw=p_kw,
        house_q_kvar=q_kvar,
        spot_scale=scale if scale.ndim else float(scale),
    )


def node_table(
    circuit: Circuit, houses: Sequence[HouseSite], engine_names: Sequence[str]
) -> tuple[tuple[str, ...], FloatArray, FloatArray]:
    """Names of the feeder's nodes; engine positions and base volts of those, then of houses."""
    order = {name: index for index, name in enumerate(engine_names)}
    nodes = [(bus, phase) for bus in circuit.buses.values() for phase in bus.phases]
    positions = [order[f"{bus.name}.{PHASE_NODE[phase]}".upper()] for bus, phase in nodes]
    positions += [order[f"{house.name}.1".upper()] for house in houses]
    bases = [bus.base_kv * 1e3 / math.sqrt(3) for bus, _ in nodes]
    bases += [house.base_kv * 1e3 for house in houses]
    return (
        tuple(f"{bus.name}.{phase}" for bus, phase in nodes),
        np.array(positions),
        np.array(bases),
    )


class SeveralConductors:
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


def farthest(
    v_pu: FloatArray, names: Sequence[str], supplied: NDArray[np.bool_]
) -> tuple[str, float]:
    """Name and voltage in pu of what is farthest from nominal; houses, the last of the names,
    only if they are supplied."""
    alive = np.concatenate([np.ones(len(names) - len(supplied), dtype=bool), supplied])
    worst = int(np.where(alive, np.abs(v_pu - 1), 0).argmax())
    return names[worst], float(v_pu[worst])
