"""What feeders are made of, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PHASE_NODE = {"A": 1, "B": 2, "C": 3}
NEXT_PHASE = {"A": "B", "B": "C", "C": "A"}


@dataclass(frozen=True, slots=True)
class Bus:
    """A connection point: its conductors (`"ABC"`, `"AC"`, ...), line-to-line nominal voltage
    in kV and place on the map (drawing units)."""

    name: str
    phases: str
    base_kv: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Branch:
    """Something between two buses: its engine element and its conductors in order.

    The place of a fault on a line or switch is named by the buses at its ends, `"632-670"`.
    """

    element: str
    from_bus: str
    to_bus: str
    phases: str
    kind: Literal["line", "switch", "transformer", "regulator"] = "line"

    @property
    def place(self) -> str:
        """The two buses, source side first."""
        return f"{self.from_bus}-{self.to_bus}"


@dataclass(frozen=True, slots=True)
class Regulator:
    """A step voltage regulator of one phase, or of all three ganged (`"ABC"`).

    name: of the engine's transformer. The tap, an integer from -16 to 16, sits on `winding`.
    control: name of its RegControl, whose set point is `set_point_v` on the PT's secondary.
    """

    name: str
    phase: str
    from_bus: str
    to_bus: str
    winding: int = 2
    control: str = ""
    set_point_v: float = 120.0


PRIMARY_KV = (1.0, 36.0)
"""Nominal voltages of a primary from which a service transformer can feed houses."""


def is_primary(bus: Bus) -> bool:
    """Whether a service transformer can be connected to it."""
    return PRIMARY_KV[0] <= bus.base_kv <= PRIMARY_KV[1]
