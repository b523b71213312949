"""The operator's board: what alarms stand, and what he has made of each (after ISA-18.2).

It is a list for people. Nothing of it enters the simulation, and no result depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from p2p_cosim.core.fault_kinds import HOUSE_RESTORED
from p2p_cosim.core.types import Alarm
from p2p_cosim.dapp.errors import ConflictError

Json = dict[str, object]
REMINDER_MIN = 30
MOST_SHELVED_MIN, MOST_KEPT = 24 * 60, 200


class Standing(StrEnum):
    """Where an alarm stands."""

    ACTIVE = "active"
    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"
    CLEARED = "cleared"


@dataclass(slots=True)
class Entry:
    """An alarm on the board. id: its number. until: of a shelved one, the tick that ends it."""

    id: int
    alarm: Alarm
    standing: Standing = Standing.ACTIVE
    until: int | None = None


class Board:
    """Alarms of a run, the newest first. interval_s: of a tick."""

    def __init__(self, interval_s: int) -> None:
        self._interval_s = interval_s
        self._entries: list[Entry] = []
        self._count = 0

    def take(self, tick: int, alarms: Iterable[Alarm]) -> None:
        """Take what the detector said in the tick before. A return of supply clears its house;
        an alarm that stands already is not raised again."""
        for entry in self._entries:
            if entry.until is not None and entry.until <= tick:  # it was shelved
                entry.standing, entry.until = Standing.ACTIVE, None
        for alarm in alarms:
            if alarm.kind == HOUSE_RESTORED:
                for entry in self._standing():
                    if entry.alarm.place == alarm.place:
                        entry.standing, entry.until = Standing.CLEARED, None
            elif not any(_same(entry.alarm, alarm) for entry in self._standing()):
                self._count += 1
                self._entries.insert(0, Entry(self._count, alarm))
        del self._entries[MOST_KEPT:]

    def acknowledge(self, number: int) -> None:
        """Say that somebody knows. Raises ConflictError unless the alarm is active."""
        self._find(number, Standing.ACTIVE).standing = Standing.ACKNOWLEDGED

    def shelve(self, number: int, tick: int, minutes: int) -> None:
        """Put an alarm aside for so many simulated minutes. Raises ConflictError for one that is
        not active or acknowledged."""
        entry = self._find(number, Standing.ACTIVE, Standing.ACKNOWLEDGED)
        entry.standing = Standing.SHELVED
        entry.until = tick + max(1, -(-minutes * 60 // self._interval_s))

    def clear(self, number: int) -> None:
        """Say that it is over. Raises ConflictError for one that is."""
        entry = self._find(number, Standing.ACTIVE, Standing.ACKNOWLEDGED, Standing.SHELVED)
        entry.standing, entry.until = Standing.CLEARED, None

    def told(self, tick: int) -> list[Json]:
        """All of it. reminder: it is active and nobody has acknowledged it for `REMINDER_MIN`."""
        return [
            {
                "id": entry.id,
                "tick": entry.alarm.tick,
                "kind": entry.alarm.kind,
                "place": entry.alarm.place,
                "detector": entry.alarm.detector,
                "standing": str(entry.standing),
                "until": entry.until,
                "reminder": entry.standing is Standing.ACTIVE
                and (tick - entry.alarm.tick) * self._interval_s >= REMINDER_MIN * 60,
            }
            for entry in self._entries
        ]

    def _standing(self) -> list[Entry]:
        return [entry for entry in self._entries if entry.standing is not Standing.CLEARED]

    def _find(self, number: int, *standings: Standing) -> Entry:
        for entry in self._entries:
            if entry.id == number:
                if entry.standing not in standings:
                    raise ConflictError(f"alarm {number} is {entry.standing} already")
                return entry
        raise ConflictError(f"there is no alarm {number} on the board: reload it")


def _same(one: Alarm, other: Alarm) -> bool:
    return (one.kind, one.place_kind, one.place) == (other.kind, other.place_kind, other.place)
