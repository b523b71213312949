"""Where a feeder can break, and what is wrong with a place that somebody named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.fault_kinds import FAULT_KINDS, FaultKind, Place
from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.feeders.elements import between_phases


@dataclass(frozen=True, slots=True, repr=False)
class Places(Brief):
    """The places of a feeder.

    source: the bus at its head. buses: conductors by bus. lines, switches: conductors by the
    two buses at the ends, source side first (`"632-670"`). primary: nodes (`bus.phase`) that a
    service transformer fits on.
    """

    source: str
    buses: Mapping[str, str]
    lines: Mapping[str, str]
    switches: Mapping[str, str]
    regulators: tuple[str, ...]
    primary: tuple[str, ...] = ()

    @property
    def composite(self) -> tuple[str, ...]:
        """Sites for houses between two phases of the primary, or on all three."""
        buses = dict.fromkeys(node.rpartition(".")[0] for node in self.primary)
        return tuple(
            f"{bus}.{phases}" for bus in buses for phases in between_phases(self.buses[bus])
        )

    def of(self, place: Place) -> Mapping[str, str]:
        """Conductors by place, of the places of one sort; regulators have none to tell."""
        if place == "regulator":
            return dict.fromkeys(self.regulators, "")
        if place == "switch":
            return self.switches
        if place == "branch":
            return {**self.lines, **self.switches}
        return {bus: phases for bus, phases in self.buses.items() if bus != self.source}


_WHAT: Mapping[Place, str] = {
    "house": "a house of this scenario",
    "transformer": "a service transformer",
    "switch": "a switch",
    "branch": "a line",
    "regulator": "a regulator",
    "bus": "a bus that can have a short circuit",
}


@dataclass(frozen=True, slots=True)
class Breakable:
    """Everything that can break: a feeder's places and what is attached to them.

    places: None if the feeder is not known yet, and then nothing is said about it.
    houses: in order. transformers: service transformers; None if not known yet.
    own_control: whether the feeder's own regulator controls move the taps.
    """

    places: Places | None
    houses: Sequence[str]
    transformers: Sequence[str] | None
    own_control: bool

    def problem(self, kind: str, place: str, phases: str) -> str | None:
        """What is wrong with a fault of this kind there, to be read after the place; or None.

        kind: a key of `FAULT_KINDS`.
        """
        facts = FAULT_KINDS[kind]
        if facts.needs_own_control and not self.own_control:
            return "changes the regulator's own control: write control.controller: regcontrol"
        known = self._known(facts)
        if known is None:
            return None
        if self.places is not None and facts.place == "bus" and place == self.places.source:
            return "is the source, which is stiff and would feed any current: name another bus"
        if place not in known:
            near = did_you_mean(place, known)
            return f"is not {_WHAT[facts.place]}{self._all(facts, known)}{near}"
        return _phase_problem(facts, phases, known[place])

    def _known(self, kind: FaultKind) -> Mapping[str, str] | None:
        """Conductors by place, for the places that a kind may stand at."""
        places = self.places
        if kind.place == "house":
            return dict.fromkeys(self.houses, "")
        if kind.place == "transformer":
            return None if self.transformers is None else dict.fromkeys(self.transformers, "")
        return None if places is None else places.of(kind.place)

    def _all(self, kind: FaultKind, known: Iterable[str]) -> str:
        names = list(known)
        return f" ({names[0]} to {names[-1]})" if kind.place == "house" and names else ""


def _phase_problem(kind: FaultKind, phases: str, there: str) -> str | None:
    count = kind.phases
    if not count:
        return f"takes no phases, and has {phases!r}: leave them out" if phases else None
    if len(phases) != count or len(set(phases)) != count:
        return f"needs {count} of the phases {there}, each once, and has {phases!r}"
    if not set(phases) <= set(there):
        return f"has no phase {phases!r}: it has {there}"
    return None
