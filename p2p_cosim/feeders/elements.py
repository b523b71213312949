"""What feeders are made of, as frozen records."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from p2p_cosim.core.limits import MAX_TAP, TAP_STEP_PU

PHASE_NODE = {"A": 1, "B": 2, "C": 3}
NEXT_PHASE = {"A": "B", "B": "C", "C": "A"}
PHASE_OF = {node: phase for phase, node in PHASE_NODE.items()}

Kind = Literal["line", "switch", "transformer", "regulator", "series"]
"""What a branch is; `series` is a reactor or a capacitor between two buses."""


@dataclass(frozen=True, slots=True)
class Bus:
    """A connection point: its conductors (`"ABC"`, `"AC"`, ...), line-to-line nominal voltage
    in kV and place on the map (drawing units).

    is_split: its two conductors are in opposition, as behind a transformer with a centre tap, so
    that between them is twice the voltage to neutral.
    """

    name: str
    phases: str
    base_kv: float
    x: float
    y: float
    is_split: bool = False

    @property
    def pair_kv(self) -> float:
        """Nominal voltage between two of its conductors."""
        return 2 * self.base_kv / math.sqrt(3) if self.is_split else self.base_kv


@dataclass(frozen=True, slots=True)
class Branch:
    """Something between two buses: its engine element and the phases of its first end, in order.

    conductors: nodes that it joins, at the first bus and at the second; they need not have the
    same number. Empty for a branch whose conductors keep their phase. opened: conductors that
    stand open in the feeder as published, from 0. grounds: whether voltages behind it have ground
    as their reference; not behind a delta winding.

    The place of a fault on a line or switch is named by the buses at its ends, `"632-670"`.
    """

    element: str
    from_bus: str
    to_bus: str
    phases: str
    kind: Kind = "line"
    conductors: tuple[tuple[int, int], ...] = ()
    opened: frozenset[int] = frozenset()
    grounds: bool = True

    @property
    def place(self) -> str:
        """The two buses, source side first."""
        return f"{self.from_bus}-{self.to_bus}"

    @property
    def joins(self) -> tuple[tuple[int, int], ...]:
        """Nodes that it joins, conductor by conductor."""
        return self.conductors or tuple((PHASE_NODE[p], PHASE_NODE[p]) for p in self.phases)

    def conductors_of(self, phases: str) -> list[int]:
        """Its conductors of these phases, as the first bus names them, from 0."""
        nodes = {PHASE_NODE[phase] for phase in phases}
        return [index for index, (node, _) in enumerate(self.joins) if node in nodes]


@dataclass(frozen=True, slots=True)
class Regulator:
    """A step voltage regulator of one phase, or of all three ganged (`"ABC"`).

    name: of the engine's transformer. The tap, an integer from `min_tap` to `max_tap` (a
    step-voltage regulator: -16 to 16) of `pu_per_tap` each, sits on `winding`.
    control: name of its RegControl, whose set point is `set_point_v` on the PT's secondary.
    """

    name: str
    phase: str
    from_bus: str
    to_bus: str
    winding: int = 2
    control: str = ""
    set_point_v: float = 120.0
    pu_per_tap: float = TAP_STEP_PU
    min_tap: int = -MAX_TAP
    max_tap: int = MAX_TAP


PRIMARY_KV = (1.0, 36.0)
"""Nominal voltages of a primary from which a service transformer can feed houses."""


def between_phases(phases: str) -> tuple[str, ...]:
    """What stands on conductors beside the single ones: pairs of phases, and all three."""
    pairs = [a + b for a, b in NEXT_PHASE.items() if a in phases and b in phases]
    return (*pairs, *(["ABC"] if set(phases) == set(PHASE_NODE) else []))


def is_primary(bus: Bus) -> bool:
    """Whether a service transformer can be connected to it."""
    return PRIMARY_KV[0] <= bus.base_kv <= PRIMARY_KV[1]
