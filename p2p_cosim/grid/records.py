"""Records of what an engine has built."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BusRecord:
    """A bus as built: node numbers, line-to-neutral base, and coordinates if it has any.

    is_split: its present voltages at two conductors are in opposition.
    """

    name: str
    nodes: tuple[int, ...]
    base_kv: float
    place: tuple[float, float] | None
    is_split: bool = False


@dataclass(frozen=True, slots=True)
class ElementRecord:
    """An element as built, names in lower case.

    position: among all of its class, from 0. terminals: of each, the bus and the nodes of its
    conductors. is_delta: of a load, or of a transformer with a winding that is; deltas: by winding.
    opened: conductors that stand open at either end, from 0. power_kva: nominal, of a load.
    """

    kind: str
    name: str
    position: int
    terminals: tuple[tuple[str, tuple[int, ...]], ...]
    phases: int
    is_switch: bool = False
    is_delta: bool = False
    deltas: tuple[bool, ...] = ()
    opened: frozenset[int] = frozenset()
    power_kva: complex = 0j

    @property
    def element(self) -> str:
        """`class.name`, as commands take it: in quotes where the name has blanks."""
        plain = f"{self.kind}.{self.name}"
        return f'"{plain}"' if " " in plain else plain

    @property
    def is_shunt(self) -> bool:
        """Whether its other end is ground, or there is none."""
        return len(self.terminals) < 2 or all(node == 0 for node in self.terminals[1][1])


@dataclass(frozen=True, slots=True)
class RegulatorRecord:
    """A transformer with a RegControl: winding of the tap, its number of steps and range."""

    control: str
    set_point_v: float
    transformer: str
    winding: int
    steps: int
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A voltage source: its bus, the nodes of its phases, and its voltage in pu."""

    element: str
    bus: str
    nodes: tuple[int, ...]
    v_pu: float
