"""From alarms to alerts: whom to tell, in how many messages, and what not to tell.

ANSI/ISA-18.2-2016 names ways to keep operators from being flooded, used here in its sense.
An *off-delay* ends chattering: a return to normal counts only once it has lasted.
*Shelving* is an operator's decision to silence one alarm for a limited time, after which it
speaks again if it still stands. Houses of one cause are told in one notice, and a tick has a
bounded number of them (`causes`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.defaults import RESTORE_DELAY_TICKS
from p2p_cosim.core.fault_kinds import HOUSE_OUTAGE, HOUSE_RESTORED
from p2p_cosim.core.types import Alarm, Alert, AlertKind, BackupOffer, Feed, event_id
from p2p_cosim.notify.causes import (
    HOUSE,
    SEVERAL,
    Cause,
    Element,
    causes_of,
    merged,
    named_cause,
    shares,
)
from p2p_cosim.notify.told import Told

FLAPPING, SHELVED, CROWDED, UNTOLD = "flapping", "shelved", "crowded", "untold"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Alerts about `house` are held from `start_tick` until before `end_tick`."""

    house: str
    start_tick: int
    end_tick: int

    def holds(self, house: str, tick: int) -> bool:
        """Whether it silences this house now."""
        return house == self.house and self.start_tick <= tick < self.end_tick


class AlertDesk(Brief):
    """Turns alarms into alerts about houses, each of which is told once or suppressed.

    An outage is told at once, a restoration after it has lasted `restore_delay_ticks`. What
    a held alarm and its opposite cancel is suppressed, both of them, with the reason. So
    what people were told last is true again as soon as nothing is held, and a house that
    flaps sends two messages and not two a flap. The return of a house whose outage nobody
    was told is suppressed.

    elements: what houses can lie behind together, from wide to narrow.
    notices_a_tick: most notices of one tick, outages and all-clears together. Beyond it the
    smallest are put into one; where there is room for one alone, all-clears wait for outages.
    """

    def __init__(
        self,
        run_id: str = "",
        restore_delay_ticks: int = RESTORE_DELAY_TICKS,
        shelves: Sequence[Shelf] = (),
        elements: Sequence[Element] = (),
        notices_a_tick: int = 10,
    ) -> None:
        self._run_id = run_id
        self._restore_delay_ticks = restore_delay_ticks
        self._shelves = tuple(shelves)
        self._elements = tuple(elements)
        self._notices_a_tick = notices_a_tick
        self._held: dict[str, tuple[Alert, str]] = {}  # by house: newest untold, and why
        self._dark: set[str] = set()
        self._told = Told()

    def alerts(
        self, tick: int, alarms: Sequence[Alarm], offers: Sequence[BackupOffer] = ()
    ) -> tuple[Alert, ...]:
        """What leaves or is dropped at the end of a tick. To be called every tick.

        offers: of the houses that learn of their outage in this tick, what they can do about
        it. Of an alarm that names no house they tell which are meant; without one it tells
        nobody anything.
        """
        raised = [*self._lost(tick, alarms, offers), *self._back(alarms)]
        return tuple(
            replace(alert, tick=tick) for alert in (*self._dropped(raised), *self._released(tick))
        )

    def _lost(
        self, tick: int, alarms: Sequence[Alarm], offers: Sequence[BackupOffer]
    ) -> Iterator[Alert]:
        """The outages of a tick, each with its cause."""
        offered = {offer.house: offer for offer in offers}
        reported = {alarm.place: alarm.tick for alarm in alarms if alarm.kind == HOUSE_OUTAGE}
        lost = reported | {house: tick for house in offered if house not in reported}
        self._dark |= lost.keys()
        elsewhere = [alarm for alarm in alarms if alarm.kind != HOUSE_RESTORED]
        named = {house: named_cause(house, elsewhere, self._elements) for house in lost}
        unnamed = [house for house, cause in named.items() if cause is None]
        inferred = causes_of(unnamed, frozenset(self._dark), self._elements)
        for house, alarm_tick in lost.items():
            cause, offer = named[house] or inferred[house], offered.get(house)
            alert = self._alert(AlertKind.OUTAGE, house, alarm_tick)
            if offer:
                sellers = tuple(seller.name for seller in offer.sellers)
                alert = replace(alert, path=offer.path, sellers=sellers)
            yield replace(alert, element_kind=cause.element_kind, element=cause.element)

    def _back(self, alarms: Sequence[Alarm]) -> Iterator[Alert]:
        for alarm in alarms:
            if alarm.kind == HOUSE_RESTORED:
                self._dark.discard(alarm.place)
                alert = self._alert(AlertKind.RESTORED, alarm.place, alarm.tick)
                yield replace(alert, path=Feed.DROP)

    def _alert(self, kind: AlertKind, house: str, alarm_tick: int) -> Alert:
        identity = event_id(self._run_id, house, alarm_tick, kind)
        return Alert(identity, kind, house, alarm_tick, alarm_tick, element=house)

    def _dropped(self, raised: Sequence[Alert]) -> Iterator[Alert]:
        for alert in raised:
            earlier, why = self._held.pop(alert.house, (None, ""))
            if earlier is not None:
                yield replace(earlier, suppressed=why or FLAPPING)
                yield replace(alert, suppressed=why or FLAPPING)
            elif alert.kind is AlertKind.RESTORED and alert.house not in self._told:
                yield replace(alert, suppressed=UNTOLD)
            else:
                self._held[alert.house] = (alert, "")

    def _released(self, tick: int) -> Iterator[Alert]:
        """What leaves now, notice by notice, outages first."""
        ready: dict[AlertKind, list[Alert]] = {kind: [] for kind in AlertKind}
        for house, (alert, _) in list(self._held.items()):
            why = self._reason_to_hold(tick, alert)
            self._held[house] = (alert, why)
            if not why:
                ready[alert.kind].append(alert)
        outages, all_clears = ready[AlertKind.OUTAGE], ready[AlertKind.RESTORED]
        by_cause = _grouped({a.house: Cause(a.element_kind, a.element) for a in outages})
        by_notice = _grouped(
            {a.house: Cause("", self._told.notice_of(a.house)) for a in all_clears}
        )
        most_lost, most_back = shares(len(by_cause), len(by_notice), self._notices_a_tick)
        for cause, houses in merged(by_cause, most_lost).items():
            leaving = self._notice(cause, [self._held.pop(house)[0] for house in houses], tick)
            self._told.add(leaving)
            yield from leaving
        if by_notice and not most_back:
            self._held |= {alert.house: (alert, CROWDED) for alert in all_clears}
            return
        for cause, houses in merged(by_notice, most_back).items():
            answered = self._told.answered(self._held.pop(house)[0] for house in houses)
            yield from self._notice(_answered_cause(cause, answered), answered, tick)

    def _notice(self, cause: Cause, alerts: Sequence[Alert], tick: int) -> list[Alert]:
        """The alerts of one notice, with its id and with what it is about."""
        identity = alerts[0].event_id
        if len(alerts) == 1:
            cause = Cause(HOUSE, alerts[0].house)
        else:
            place = "\n".join((cause.element_kind, cause.element, *(a.house for a in alerts)))
            identity = event_id(self._run_id, place, tick, alerts[0].kind)
        return [
            replace(
                alert,
                tick=tick,
                notice_id=identity,
                element_kind=cause.element_kind,
                element=cause.element,
            )
            for alert in alerts
        ]

    def _reason_to_hold(self, tick: int, alert: Alert) -> str:
        if any(shelf.holds(alert.house, tick) for shelf in self._shelves):
            return SHELVED
        restored = alert.kind is AlertKind.RESTORED
        return FLAPPING if restored and tick - alert.alarm_tick < self._restore_delay_ticks else ""


def _grouped(cause_of: Mapping[str, Cause]) -> dict[Cause, list[str]]:
    groups: dict[Cause, list[str]] = {}
    for house, cause in cause_of.items():
        groups.setdefault(cause, []).append(house)
    return groups


def _answered_cause(cause: Cause, alerts: Sequence[Alert]) -> Cause:
    """All-clears of one notice are about what that was about."""
    answer = alerts[0].answers
    if cause.element_kind == SEVERAL or answer is None:
        return Cause(SEVERAL, "")
    return Cause(answer.element_kind, answer.element)
