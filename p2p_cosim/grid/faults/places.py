"""Where the feeder can break: branches by the buses at their ends, and kinds of faults."""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.fault_kinds import (
    GRID_KINDS,
    LATERAL_OPEN,
    OPEN_PHASE,
    SWITCH_OPEN,
    TRANSFORMER_OUTAGE,
)
from p2p_cosim.core.naming import require
from p2p_cosim.core.types import Fault, HouseSite
from p2p_cosim.feeders.places import Breakable
from p2p_cosim.grid.circuit import Circuit, phases_of


def possible_opens(circuit: Circuit, houses: Sequence[HouseSite]) -> tuple[Fault, ...]:
    """Every open of a transformer, line or switch, whole or one phase, as faults of tick 0.

    What a utility can conclude from its own map; single houses are not listed.
    """
    opened = [
        Fault(TRANSFORMER_OUTAGE, transformer, 0, 1)
        for transformer in dict.fromkeys(house.transformer for house in houses)
    ]
    for place, group in circuit.breakable().items():
        kind = SWITCH_OPEN if group[0].kind == "switch" else LATERAL_OPEN
        opened.append(Fault(kind, place, 0, 1))
        phases = phases_of(group)
        if len(phases) > 1:
            opened += [Fault(OPEN_PHASE, place, 0, 1, phases=phase) for phase in phases]
    return tuple(opened)


class Checker:
    """Checks that a fault names a kind, a place and phases of this feeder.

    regcontrol: whether the feeder's own RegControls are in use.
    """

    def __init__(self, circuit: Circuit, houses: Sequence[HouseSite], *, regcontrol: bool) -> None:
        self._breakable = Breakable(
            circuit.places(),
            houses=tuple(house.name for house in houses),
            transformers=tuple(dict.fromkeys(house.transformer for house in houses)),
            own_control=regcontrol,
        )

    def check(self, fault: Fault) -> None:
        """Raise GridError, with the nearest known name or the rule, unless the fault fits."""
        require("fault kind", fault.kind, GRID_KINDS)
        problem = self._breakable.problem(fault.kind, fault.place, fault.phases)
        if problem is not None:
            raise GridError(f"{fault.kind} at {fault.place!r} {problem}")
        if not fault.impedance_ohm >= 0:
            raise GridError(f"{fault.kind} of {fault.impedance_ohm} ohm: give a number from 0")
