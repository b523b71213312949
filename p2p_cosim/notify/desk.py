"""From alarms to alerts: whom to tell, and what not to tell.

ANSI/ISA-18.2-2016 names two ways to keep operators from being flooded, used here in its
sense. An *off-delay* ends chattering: a return to normal counts only once it has lasted.
*Shelving* is an operator's decision to silence one alarm for a limited time, after which it
speaks again if it still stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from p2p_cosim.core.fault_kinds import HOUSE_OUTAGE, HOUSE_RESTORED
from p2p_cosim.core.types import Alarm, Alert, AlertKind, BackupOffer, Feed, event_id

FLAPPING, SHELVED = "flapping", "shelved"
_KINDS = {HOUSE_OUTAGE: AlertKind.OUTAGE, HOUSE_RESTORED: AlertKind.RESTORED}


@dataclass(frozen=True, slots=True)
class Shelf:
    """Alerts about `house` are held from `start_tick` until before `end_tick`."""

    house: str
    start_tick: int
    end_tick: int

    def holds(self, house: str, tick: int) -> bool:
        """Whether it silences this house now."""
        return house == self.house and self.start_tick <= tick < self.end_tick


class AlertDesk:
    """Turns alarms about houses into alerts, each of which is told once or suppressed.

    An outage is told at once, a restoration after it has lasted `restore_delay_ticks`. What
    a held alarm and its opposite cancel is suppressed, both of them, with the reason. So
    what people were told last is true again as soon as nothing is held, and a house that
    flaps sends two messages and not two a flap.
    """

    def __init__(
        self, run_id: str = "", restore_delay_ticks: int = 0, shelves: Sequence[Shelf] = ()
    ) -> None:
        self._run_id = run_id
        self._restore_delay_ticks = restore_delay_ticks
        self._shelves = tuple(shelves)
        self._held: dict[str, tuple[Alert, str]] = {}  # by house: newest untold, and why

    def alerts(
        self, tick: int, alarms: Sequence[Alarm], offers: Sequence[BackupOffer] = ()
    ) -> tuple[Alert, ...]:
        """What leaves or is dropped at the end of a tick. To be called every tick.

        Alarms of kinds that concern no single house give none. offers: what the houses in
        these alarms can do about it.
        """
        by_house = {offer.house: offer for offer in offers}
        raised = [
            self._alert(alarm, by_house.get(alarm.place))
            for alarm in alarms
            if alarm.kind in _KINDS
        ]
        return tuple(
            replace(alert, tick=tick) for alert in (*self._dropped(raised), *self._released(tick))
        )

    def _dropped(self, raised: Sequence[Alert]) -> Iterator[Alert]:
        for alert in raised:
            earlier, why = self._held.pop(alert.house, (None, ""))
            if earlier is None:
                self._held[alert.house] = (alert, "")
            else:
                yield replace(earlier, suppressed=why)
                yield replace(alert, suppressed=why)

    def _released(self, tick: int) -> Iterator[Alert]:
        for house, (alert, _) in list(self._held.items()):
            if why := self._reason_to_hold(tick, alert):
                self._held[house] = (alert, why)
            else:
                del self._held[house]
                yield alert

    def _reason_to_hold(self, tick: int, alert: Alert) -> str:
        if any(shelf.holds(alert.house, tick) for shelf in self._shelves):
            return SHELVED
        restored = alert.kind is AlertKind.RESTORED
        return FLAPPING if restored and tick - alert.alarm_tick < self._restore_delay_ticks else ""

    def _alert(self, alarm: Alarm, offer: BackupOffer | None) -> Alert:
        kind = _KINDS[alarm.kind]
        return Alert(
            event_id=event_id(self._run_id, alarm.place, alarm.tick, kind),
            kind=kind,
            house=alarm.place,
            alarm_tick=alarm.tick,
            tick=alarm.tick,
            path=offer.path if offer else Feed.DROP if kind is AlertKind.RESTORED else Feed.NONE,
            sellers=tuple(seller.name for seller in offer.sellers) if offer else (),
        )
