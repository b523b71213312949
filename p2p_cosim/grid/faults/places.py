"""Where the feeder can break: branches by the buses at their ends, and kinds of faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import Fault, HouseSite
from p2p_cosim.grid.feeder import Feeder
from p2p_cosim.grid.naming import require

OPEN_KINDS = ("house_outage", "transformer_outage", "lateral_open", "switch_open", "open_phase")
# Number of phases that a short circuit joins, and whether ground is among what it joins.
SHUNT_PHASES: Mapping[str, int] = {"slg": 1, "ll": 2, "llg": 2, "three_phase": 3}
LV_SHORT = "lv_short"
GRID_KINDS = (*OPEN_KINDS, *SHUNT_PHASES, LV_SHORT)


@dataclass(frozen=True, slots=True)
class Branch:
    """A line or switch of the primary: its engine element and its conductors in order.

    The place of a fault on it is named by the buses at its ends, `"632-670"`.
    """

    element: str
    from_bus: str
    to_bus: str
    phases: str

    @property
    def place(self) -> str:
        """The two buses, source side first."""
        return f"{self.from_bus}-{self.to_bus}"


def branches(feeder: Feeder) -> dict[str, Branch]:
    """Lines, then switches, by place."""
    lines = [
        Branch(f"line.line_{b.from_bus}_{b.to_bus}", b.from_bus, b.to_bus, b.config.phases)
        for b in feeder.lines
    ]
    switches = [
        Branch(f"line.{b.name}", b.from_bus, b.to_bus, feeder.buses[b.to_bus].phases)
        for b in feeder.switches
    ]
    return {branch.place: branch for branch in (*lines, *switches)}


def possible_opens(feeder: Feeder, houses: Sequence[HouseSite]) -> tuple[Fault, ...]:
    """Every open of a transformer, line or switch, whole or one phase, as faults of tick 0.

    What a utility can conclude from its own map; single houses are not listed.
    """
    opened = [
        Fault("transformer_outage", transformer, 0, 1)
        for transformer in dict.fromkeys(house.transformer for house in houses)
    ]
    switches = {f"{switch.from_bus}-{switch.to_bus}" for switch in feeder.switches}
    for place, branch in branches(feeder).items():
        opened.append(Fault("switch_open" if place in switches else "lateral_open", place, 0, 1))
        if len(branch.phases) > 1:
            opened += [Fault("open_phase", place, 0, 1, phases=phase) for phase in branch.phases]
    return tuple(opened)


class Places:
    """Checks that a fault names a kind, a place and phases of this feeder."""

    def __init__(self, feeder: Feeder, houses: Sequence[HouseSite]) -> None:
        self.branches = branches(feeder)
        self._switches = tuple(f"{s.from_bus}-{s.to_bus}" for s in feeder.switches)
        self._source = feeder.source_bus
        self._houses = tuple(house.name for house in houses)
        self._transformers = tuple(dict.fromkeys(house.transformer for house in houses))
        self._buses = {name: bus.phases for name, bus in feeder.buses.items()}

    def check(self, fault: Fault) -> None:
        """Raise GridError, with the nearest known name or the rule, unless the fault fits."""
        require("fault kind", fault.kind, GRID_KINDS)
        if fault.kind in ("house_outage", LV_SHORT):
            require("house", fault.place, self._houses)
        elif fault.kind == "transformer_outage":
            require("service transformer", fault.place, self._transformers)
        elif fault.kind == "switch_open":
            require("switch", fault.place, self._switches)
        elif fault.kind in ("lateral_open", "open_phase"):
            require("line", fault.place, self.branches)
        else:
            require("bus", fault.place, self._buses)
            if fault.place == self._source:
                raise GridError(
                    f"{fault.kind} at {fault.place!r}, the source: it is stiff and would feed any "
                    "current, give a bus of the feeder"
                )
        if not fault.impedance_ohm >= 0:
            raise GridError(f"{fault.kind} of {fault.impedance_ohm} ohm: give a number from 0")
        self._check_phases(fault)

    def _check_phases(self, fault: Fault) -> None:
        what = f"phases {fault.phases!r} of {fault.kind} at {fault.place!r}"
        if fault.kind in SHUNT_PHASES:
            count, there = SHUNT_PHASES[fault.kind], self._buses[fault.place]
        elif fault.kind == "open_phase":
            count, there = 1, self.branches[fault.place].phases
        else:
            count, there = 0, ""
        given = fault.phases
        if len(given) != count or len(set(given)) != count or not set(given) <= set(there):
            remedy = f"give {count} of {there!r}" if count else "leave them out"
            raise GridError(f"{what} do not fit: {remedy}")
