"""Records of the power flow side. Power in kW and kvar, voltages in pu of the nominal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HouseSite:
    """Where a house stands: primary bus and phase, and its service transformer's name."""

    name: str
    bus: str
    phase: str
    transformer: str


@dataclass(frozen=True, slots=True)
class SpotLoad:
    """A published spot load: its bus, conductors (`"A"`, `"BC"`, ...) and nominal power."""

    name: str
    bus: str
    phases: str
    p_kw: float
    q_kvar: float


@dataclass(frozen=True, slots=True, eq=False)
class Injections:
    """What every connection point draws in an interval (negative is export).

    house_p_kw, house_q_kvar: shape (houses,), in the grid's order of houses.
    spot_scale: multiplies the nominal power of every spot load.
    """

    house_p_kw: FloatArray
    house_q_kvar: FloatArray
    spot_scale: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class GridState:
    """One solved operating point.

    house_v_pu: shape (houses,), at the house meters; 0 for a house without supply.
    house_p_kw, house_q_kvar: shape (houses,), as delivered and metered.
    spot_p_kw: shape (spot loads,), as delivered.
    node_v_pu: shape (nodes,), in the grid's `node_names` order.
    head_p_kw, head_q_kvar: shape (3,), into the feeder per phase at the source.
    losses_kw: in lines, transformers and regulators.
    taps: regulator taps, -16 to 16, in the grid's order of regulators.
    """

    house_v_pu: FloatArray
    house_p_kw: FloatArray
    house_q_kvar: FloatArray
    spot_p_kw: FloatArray
    node_v_pu: FloatArray
    head_p_kw: FloatArray
    head_q_kvar: FloatArray
    losses_kw: float
    taps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TapMove:
    """An intention to set a regulator's tap, with the reason in words."""

    regulator: str
    tap: int
    reason: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that breaks. A fault is physical; what a detector reports is an `Alarm`.

    kind: `"house_outage"` opens the service drop of house `place`.
    start_tick: first tick without supply; end_tick: first tick with supply again.
    """

    kind: str
    place: str
    start_tick: int
    end_tick: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a detector reports at the end of a tick."""

    tick: int
    kind: str
    place: str
    detector: str
