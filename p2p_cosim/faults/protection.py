"""Fuses and reclosers: who opens first when a short circuit stands, and what that cuts off.

A device knows the currents through it and nothing else. The quickest opens, the network is solved
anew, and so on until no device would open within the interval. Every short circuit counts as
lasting: a recloser that opens has tried in vain and stays open, and a fuse stays blown, until the
short circuit is repaired.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.fault_kinds import LATERAL_OPEN, OPEN_PHASE, TRANSFORMER_OUTAGE
from p2p_cosim.core.types import Fault
from p2p_cosim.faults.curves import DELAYED, K_LINK

FUSE: Final = "fuse"
RECLOSER: Final = "recloser"
DeviceKind = Literal["fuse", "recloser"]

Currents = Mapping[str, complex]
"""Current in A into a place by phase, at its end towards the source."""


@dataclass(frozen=True, slots=True)
class ProtectiveDevice:
    """A fuse (one link a phase, each by itself) or a recloser (all phases together).

    place: a line or switch by its buses, or a service transformer. rated_a: the rating of K links,
    or the current from which a recloser's phases count. ground_a: the sum of the phases' currents
    from which a recloser's ground element counts; infinite without one.
    """

    place: str
    kind: DeviceKind
    rated_a: float
    ground_a: float = math.inf

    def times_s(self, currents: Currents) -> Iterator[tuple[float, str]]:
        """Seconds until it opens, and the phases that open then."""
        if self.kind == FUSE:
            for phase, current in currents.items():
                yield K_LINK.time_s(abs(current) / self.rated_a), phase
            return
        most = max(abs(current) for current in currents.values())
        together = abs(sum(currents.values()))
        soonest = min(DELAYED.time_s(most / self.rated_a), DELAYED.time_s(together / self.ground_a))
        yield soonest, "".join(currents)


class Protection(Brief):
    """The protective devices of a feeder, and which of them have opened.

    currents_a: of the newest solved state, by place. transformers: names of those that are service
    transformers.
    """

    def __init__(
        self,
        devices: Sequence[ProtectiveDevice],
        currents_a: Callable[[str], Currents],
        transformers: Collection[str] = (),
    ) -> None:
        self.devices = tuple(devices)
        self._currents_a = currents_a
        self._transformers = frozenset(transformers)
        self.opened: list[Fault] = []

    def next_open(self, fault: Fault, tick: int, within_s: float) -> Fault | None:
        """What opens first because of this short circuit, as a fault that ends with it; None if
        nothing does within so many seconds."""
        soonest, first = within_s, None
        for device in self.devices:
            currents = self._currents_a(device.place)
            for seconds, phases in device.times_s(currents):
                if seconds < soonest:
                    soonest = seconds
                    first = self._open(device.place, phases, "".join(currents), tick, fault)
        if first is not None:
            self.opened.append(first)
        return first

    def reset(self) -> tuple[Fault, ...]:
        """Everything that has opened, to be closed again with the repair."""
        opened, self.opened = tuple(self.opened), []
        return opened

    def _open(self, place: str, phases: str, of: str, tick: int, fault: Fault) -> Fault:
        if place in self._transformers:
            return Fault(TRANSFORMER_OUTAGE, place, tick, fault.end_tick)
        if phases == of:
            return Fault(LATERAL_OPEN, place, tick, fault.end_tick)
        return Fault(OPEN_PHASE, place, tick, fault.end_tick, phases)
