"""What people outside the simulation are told about a house."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from p2p_cosim.core.types.grid import Feed

_EVENT_ID_LENGTH = 32  # 128 bits: a receiver may keep ids of many runs apart for ever


class AlertKind(StrEnum):
    """A house lost its supply, or has it again."""

    OUTAGE = "outage"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Answer:
    """The notice that an all-clear answers.

    notice_id, element_kind, element: of that notice. tick: at whose end it left.
    houses: how many it was about. still_dark: how many of those have not been cleared, this
        all-clear counted in.
    """

    notice_id: str
    tick: int
    element_kind: str
    element: str
    houses: int
    still_dark: int


@dataclass(frozen=True, slots=True)
class Alert:
    """What happened to one house, that substation and homeowner are told, or deliberately not.

    event_id: from `event_id`; the same for the same event of the same run.
    house: as in the scenario, such as `house_1`.
    alarm_tick: tick at whose end the detector raised the alarm.
    tick: tick at whose end the alert leaves or is dropped; later than `alarm_tick` if the
        alarm was held back.
    path: what can feed the house until the repair, as known when the alarm was raised.
    sellers: who can sell to it through a tie, best first, at most three.
    suppressed: why nobody is told (`"flapping"`, `"shelved"`, `"crowded"`, `"untold"`), or "".
    notice_id: of the notice that tells it. Alerts of one cause share a notice, which is one
        message to the operator; a notice about one house has that alert's event_id. "" if
        nobody is told.
    element_kind, element: what the houses of the notice lie behind: a `transformer`, `lateral`,
        `phase` or `feeder` by its name; `house` for one alone; `several`, "" for houses that
        share nothing.
    answers: of an all-clear, the notice that it answers.
    """

    event_id: str
    kind: AlertKind
    house: str
    alarm_tick: int
    tick: int
    path: Feed = Feed.NONE
    sellers: tuple[str, ...] = ()
    suppressed: str = ""
    notice_id: str = ""
    element_kind: str = "house"
    element: str = ""
    answers: Answer | None = None


def event_id(run_id: str, house: str, alarm_tick: int, kind: AlertKind) -> str:
    """The same for the same event of the same run, however often it is run or sent.

    32 hexadecimal digits: a truncated SHA-256 of the four parts.
    """
    parts = "\n".join((run_id, house, str(alarm_tick), kind))
    return hashlib.sha256(parts.encode()).hexdigest()[:_EVENT_ID_LENGTH]
