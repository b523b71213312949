"""A feeder ready for the engine, whether it came from tables or from a user's DSS file.

Everything that follows (houses, faults, maps, the grid itself) knows a feeder as a `Circuit`.
"""

from __future__ import annotations

from collections.abc import Mapping
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


@dataclass(frozen=True, slots=True)
class CircuitLoad:
    """A published load.

    phase: the column of the published table, that of a delta branch A-B being A; empty for
    one load on several phases. phases: all conductors it is connected to. distributed: lumped
    from the load spread along a line, not a spot load.
    """

    name: str
    bus: str
    phase: str
    phases: str
    p_kw: float
    q_kvar: float
    distributed: bool = False


@dataclass(frozen=True, slots=True)
class Circuit:
    """A feeder as engine commands, and what the commands build.

    commands: the circuit with its loads and neutral taps, from a `clear` on, without controls.
    controls: its regulator controls. source_v_pu: the feeder's own voltage at the head.
    loads, regulators: in the engine's order. digest: of the files it was read from, empty for
    a feeder of this package.
    """

    name: str
    source_bus: str
    source_v_pu: float
    buses: Mapping[str, Bus]
    branches: tuple[Branch, ...]
    regulators: tuple[Regulator, ...]
    loads: tuple[CircuitLoad, ...]
    commands: tuple[str, ...]
    controls: tuple[str, ...]
    digest: str = ""

    def breakable(self) -> dict[str, Branch]:
        """Lines, then switches, by place; of parallel ones the first."""
        found: dict[str, Branch] = {}
        for kind in ("line", "switch"):
            for branch in self.branches:
                if branch.kind == kind:
                    found.setdefault(branch.place, branch)
        return found
