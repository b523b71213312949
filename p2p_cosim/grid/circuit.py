"""A feeder ready for the engine, whether it came from tables or from a user's DSS file.

Everything that follows (houses, faults, maps, the grid itself) knows a feeder as a `Circuit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from p2p_cosim.core.brief import Brief
from p2p_cosim.feeders.elements import PHASE_NODE, Branch, Bus, Regulator, is_primary
from p2p_cosim.feeders.places import Places


@dataclass(frozen=True, slots=True)
class CircuitLoad:
    """A published load.

    phase: the column of the published table, that of a delta branch A-B being A; empty for
    one load on several phases. phases: all conductors it is connected to. distributed: lumped
    from the load spread along a line, not a spot load. position: among the engine's loads, the
    disabled ones counted; -1 if there are none of these.
    """

    name: str
    bus: str
    phase: str
    phases: str
    p_kw: float
    q_kvar: float
    distributed: bool = False
    position: int = -1


@dataclass(frozen=True, slots=True, repr=False)
class Circuit(Brief):
    """A feeder as engine commands, and what the commands build.

    commands: the circuit with its loads and neutral taps, from a `clear` on, without controls.
    controls: its regulator controls. source_v_pu: the feeder's own voltage at the head.
    loads, regulators: in the engine's order.
    sources: of a feeder with several, each with its bus and nodes. shunts: reactors and
    capacitors to ground. others: what draws or gives power and is no load, each with its bus and
    nodes. skipped: what of its files the model has no use for, in words.
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
    sources: tuple[tuple[str, str, tuple[int, ...]], ...] = ()
    shunts: tuple[str, ...] = ()
    others: tuple[tuple[str, str, tuple[int, ...]], ...] = ()
    skipped: tuple[str, ...] = ()

    def places(self) -> Places:
        """Where it can break, and where houses can stand."""
        branches = self.breakable()
        by_kind = {
            kind: {
                place: phases_of(group)
                for place, group in branches.items()
                if group[0].kind == kind
            }
            for kind in ("line", "switch")
        }
        return Places(
            source=self.source_bus,
            buses={bus.name: bus.phases for bus in self.buses.values()},
            lines=by_kind["line"],
            switches=by_kind["switch"],
            regulators=tuple(regulator.name for regulator in self.regulators),
            primary=tuple(
                f"{bus.name}.{phase}"
                for bus in self.buses.values()
                if is_primary(bus)
                for phase in bus.phases
            ),
        )

    def spelled(self, place: str) -> str:
        """A place as the feeder spells it: OpenDSS has no case, and neither has a user's file."""
        known = {name.lower(): name for name in (*self.buses, *self.breakable())}
        return known.get(place.lower(), place)

    def breakable(self) -> dict[str, tuple[Branch, ...]]:
        """Lines, then switches, by place: parallel ones and those of single phases together."""
        found: dict[str, list[Branch]] = {}
        for kind in ("line", "switch"):
            for branch in self.branches:
                if branch.kind == kind:
                    found.setdefault(branch.place, []).append(branch)
        return {place: tuple(group) for place, group in found.items()}


def phases_of(group: tuple[Branch, ...]) -> str:
    """The phases of all branches at one place."""
    return "".join(phase for phase in PHASE_NODE if any(phase in b.phases for b in group))
