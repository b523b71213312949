"""Active faults as engine commands, and who has a supply while they last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.fault_kinds import (
    FAULT_KINDS,
    HOUSE_OUTAGE,
    LATERAL_OPEN,
    LL,
    LV_SHORT,
    OPEN_PHASE,
    SHORTS,
    STUCK_REGULATOR,
    SWITCH_OPEN,
    TRANSFORMER_OUTAGE,
)
from p2p_cosim.core.types import Fault, HouseSite
from p2p_cosim.feeders.elements import PHASE_NODE
from p2p_cosim.grid.circuit import Circuit
from p2p_cosim.grid.commands import ANCHOR_OHM, quoted
from p2p_cosim.grid.conductors import Conductors, Node
from p2p_cosim.grid.faults.places import Checker
from p2p_cosim.grid.faults.trips import Trips

BOLTED_OHM = 1e-3
"""A short circuit without impedance: the least that leaves the matrix well conditioned."""

FAULT_ELEMENT = "fault.short_circuit"

BoolArray = NDArray[np.bool_]


def short_circuit_commands(circuit: Circuit) -> list[str]:
    """The one short circuit of the circuit, disabled: faults move it, none creates one."""
    return [
        f"new {FAULT_ELEMENT} phases=1 bus1={circuit.source_bus}.1 bus2={circuit.source_bus}.0"
        f" r={BOLTED_OHM} enabled=no"
    ]


class BrokenNetwork:
    """What is broken at present. Returns commands, and leaves running them to the grid.

    Opens may overlap in any way. There is one short circuit at a time, because a second one
    within minutes of an unrelated first is rarer than anything else in a scenario.
    """

    def __init__(
        self, circuit: Circuit, houses: Sequence[HouseSite], *, regcontrol: bool = False
    ) -> None:
        self._checker = Checker(circuit, houses, regcontrol=regcontrol)
        self._own_control = regcontrol
        self._branches = circuit.breakable()
        self._regulators = {regulator.name: regulator for regulator in circuit.regulators}
        self._houses = tuple(houses)
        self._transformer_site = {house.transformer: house for house in reversed(houses)}
        self._conductors = Conductors(circuit)
        self._trips = Trips(circuit, self._conductors)
        self._active: dict[Fault, None] = {}
        self._held: set[Node] = set()

    def check(self, fault: Fault) -> None:
        """Raise GridError unless the fault names a kind, place and phases of this feeder."""
        self._checker.check(fault)

    def add(self, fault: Fault) -> list[str]:
        """Commands that break it.

        Raises GridError for a fault that does not fit, and for a second short circuit.
        """
        self.check(fault)
        if _is_shunt(fault):
            standing = next((other for other in self._active if _is_shunt(other)), None)
            if standing is not None and standing != fault:
                raise GridError(
                    f"{fault.kind} at {fault.place!r} while {standing.kind} at "
                    f"{standing.place!r} stands: one short circuit at a time, start it later"
                )
        self._active[fault] = None
        return [*self._commands(fault), *self._trips.commands(self._fed())]

    def remove(self, fault: Fault) -> list[str]:
        """Commands that repair it, as far as no other fault holds the same thing open.

        Raises GridError for a fault that does not fit or was not added.
        """
        self.check(fault)
        if fault not in self._active:
            raise GridError(f"{fault} is not active: apply it before clearing it")
        del self._active[fault]
        return [*self._commands(fault), *self._trips.commands(self._fed())]

    @property
    def is_shorted(self) -> bool:
        """Whether a short circuit stands."""
        return any(_is_shunt(fault) for fault in self._active)

    def drop_is_open(self, house: str) -> bool:
        """Whether an outage holds the service drop of this house open."""
        return self._is_open(HOUSE_OUTAGE, house)

    def live(self, feeding: Mapping[str, str | None]) -> tuple[BoolArray, BoolArray]:
        """Which houses have any supply, and which may export; both of shape (houses,).

        feeding: service transformer that feeds each house at present, None for none. A house
        whose own phase is cut off from the source while its bus has others is fed backwards
        through loads between phases: it may draw, but its inverter does not hold an island
        (IEEE 1547-2018, 8.1) and it does not export.
        """
        fed = self._fed()
        fed_buses = {bus for bus, _ in fed}
        supplied, may_export = np.zeros((2, len(self._houses)), dtype=bool)
        for index, house in enumerate(self._houses):
            transformer = feeding[house.name]
            if transformer is None or self._is_open(TRANSFORMER_OUTAGE, transformer):
                continue
            site = house if house.on_secondary else self._transformer_site[transformer]
            supplied[index] = site.bus in fed_buses
            may_export[index] = all((site.bus, PHASE_NODE[p]) in fed for p in site.phase)
        return supplied, may_export

    @property
    def told(self) -> tuple[str, ...]:
        """What is broken, each as `kind at place`."""
        return tuple(f"{fault.kind} at {fault.place}" for fault in self._active)

    @property
    def trips(self) -> int:
        """Grows whenever generators of the feeder's own trip or come back."""
        return self._trips.changes

    @property
    def is_broken(self) -> bool:
        """Whether any fault stands."""
        return bool(self._active)

    def anchors(self) -> list[str]:
        """Commands that hold the ends of open conductors at ground by 10 Mohm, those that no such
        command held before: a phase that ends without load or capacitance has no voltage else."""
        ends = dict.fromkeys(
            end
            for place in {fault.place for fault in self._active}
            for branch in self._branches.get(place, ())
            for conductor in branch.conductors_of(self._open_phases(place))
            for end in zip((branch.from_bus, branch.to_bus), branch.joins[conductor], strict=True)
        )
        new = [end for end in sorted(ends) if end not in self._held]
        first = len(self._held) + 1
        self._held.update(new)
        return [
            f'new reactor.ground_end_{number} phases=1 bus1="{bus}.{node}" r={ANCHOR_OHM} x=0'
            for number, (bus, node) in enumerate(new, start=first)
        ]

    def _is_open(self, kind: str, place: str) -> bool:
        return any(fault.kind == kind and fault.place == place for fault in self._active)

    def _commands(self, fault: Fault) -> list[str]:
        if _is_shunt(fault):
            return [_short(fault) if fault in self._active else f"{FAULT_ELEMENT}.enabled=no"]
        if FAULT_KINDS[fault.kind].place == "regulator":
            return self._control_commands(fault)
        if fault.kind == TRANSFORMER_OUTAGE:
            verb = "open" if self._is_open(fault.kind, fault.place) else "close"
            return [f"{verb} {quoted(f'transformer.{fault.place}')} 1"]
        if fault.kind == HOUSE_OUTAGE:
            return []  # the grid works the drop, because a transfer switch may stand beside it
        phases = self._open_phases(fault.place)
        return [
            command
            for branch in self._branches[fault.place]
            for command in (
                f"close {branch.element} 1",
                *(
                    f"open {branch.element} 1 {conductor + 1}"
                    for conductor in sorted({*branch.conductors_of(phases), *branch.opened})
                ),
            )
        ]

    def _control_commands(self, fault: Fault) -> list[str]:
        """Of a regulator's own control; none where somebody else owns the taps and moves them."""
        if not self._own_control:
            return []
        regulator, broken = self._regulators[fault.place], self._is_open(fault.kind, fault.place)
        if fault.kind == STUCK_REGULATOR:
            return [f"edit regcontrol.{regulator.control} enabled={'no' if broken else 'yes'}"]
        # At any reverse power; the engine's own threshold is 100 kW.
        return [
            f"edit regcontrol.{regulator.control} reversible={'yes' if broken else 'no'}"
            f" revvreg={regulator.set_point_v} revthreshold=1"
        ]

    def _open_phases(self, place: str) -> str:
        """Phases of a place that faults hold open."""
        opened: set[str] = set()
        for fault in self._active:
            if fault.place == place and fault.kind in (LATERAL_OPEN, SWITCH_OPEN):
                opened.update("ABC")
            if fault.place == place and fault.kind == OPEN_PHASE:
                opened.update(fault.phases)
        return "".join(phase for phase in PHASE_NODE if phase in opened)

    def _fed(self) -> set[Node]:
        """Nodes that a conductor joins to a source, whatever is broken."""
        opened = {
            (branch.element, conductor)
            for place in {fault.place for fault in self._active}
            for branch in self._branches.get(place, ())
            for conductor in branch.conductors_of(self._open_phases(place))
        }
        dead = {f.place for f in self._active if f.kind == TRANSFORMER_OUTAGE}
        return self._conductors.fed(opened, {f"transformer.{name}" for name in dead})


def _is_shunt(fault: Fault) -> bool:
    return fault.kind in SHORTS


def _short(fault: Fault) -> str:
    """The short circuit at its place: `impedance_ohm` from each phase to ground; between the
    two phases if it is one without ground."""
    nodes = [1] if fault.kind == LV_SHORT else [PHASE_NODE[phase] for phase in fault.phases]
    ends = [nodes[1]] if fault.kind == LL else [0] * len(nodes)
    begins = nodes[: len(ends)]
    bus1 = ".".join([fault.place, *map(str, begins)])
    bus2 = ".".join([fault.place, *map(str, ends)])
    ohm = max(fault.impedance_ohm, BOLTED_OHM)
    return (
        f"edit {FAULT_ELEMENT} phases={len(begins)} bus1={bus1} bus2={bus2} r={ohm!r} enabled=yes"
    )
