"""Where the feeder can break: branches by the buses at their ends, and kinds of faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import Fault, HouseSite
from p2p_cosim.grid.circuit import Circuit
from p2p_cosim.grid.naming import require

OPEN_KINDS = ("house_outage", "transformer_outage", "lateral_open", "switch_open", "open_phase")
# Number of phases that a short circuit joins, and whether ground is among what it joins.
SHUNT_PHASES: Mapping[str, int] = {"slg": 1, "ll": 2, "llg": 2, "three_phase": 3}
LV_SHORT = "lv_short"
REVERSED = "reversed_regulator"
GRID_KINDS = (*OPEN_KINDS, *SHUNT_PHASES, LV_SHORT, REVERSED)


def possible_opens(circuit: Circuit, houses: Sequence[HouseSite]) -> tuple[Fault, ...]:
    """Every open of a transformer, line or switch, whole or one phase, as faults of tick 0.

    What a utility can conclude from its own map; single houses are not listed.
    """
    opened = [
        Fault("transformer_outage", transformer, 0, 1)
        for transformer in dict.fromkeys(house.transformer for house in houses)
    ]
    for place, branch in circuit.breakable().items():
        kind = "switch_open" if branch.kind == "switch" else "lateral_open"
        opened.append(Fault(kind, place, 0, 1))
        if len(branch.phases) > 1:
            opened += [Fault("open_phase", place, 0, 1, phases=phase) for phase in branch.phases]
    return tuple(opened)


class Places:
    """Checks that a fault names a kind, a place and phases of this feeder.

    regcontrol: whether the feeder's own RegControls are in use.
    """

    def __init__(self, circuit: Circuit, houses: Sequence[HouseSite], *, regcontrol: bool) -> None:
        self.regulators = {regulator.name: regulator for regulator in circuit.regulators}
        self._regcontrol = regcontrol
        self.branches = circuit.breakable()
        self._switches = tuple(p for p, b in self.branches.items() if b.kind == "switch")
        self._source = circuit.source_bus
        self._houses = tuple(house.name for house in houses)
        self._transformers = tuple(dict.fromkeys(house.transformer for house in houses))
        self._buses = {name: bus.phases for name, bus in circuit.buses.items()}

    def check(self, fault: Fault) -> None:
        """Raise GridError, with the nearest known name or the rule, unless the fault fits."""
        require("fault kind", fault.kind, GRID_KINDS)
        if fault.kind in ("house_outage", LV_SHORT):
            require("house", fault.place, self._houses)
        elif fault.kind == "transformer_outage":
            require("service transformer", fault.place, self._transformers)
        elif fault.kind == "switch_open":
            require("switch", fault.place, self._switches)
        elif fault.kind == REVERSED:
            require("regulator", fault.place, self.regulators)
            if not self._regcontrol:
                raise GridError(
                    f"{fault.kind} at {fault.place!r} changes the regulator's own control, which "
                    "is not in use: choose the controller 'regcontrol'"
                )
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
