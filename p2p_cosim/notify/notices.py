"""A notice: what one cause makes people read, as it travels. One JSON object, checked
wherever it is read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import Alert
from p2p_cosim.notify.messages import (
    SUBSTATION,
    TEXT_LIMIT,
    display_name,
    to_homeowner,
    to_substation,
)

MOST_MESSAGES = 1001  # the largest feeder is dark: a message a house, and the operator's
_Id = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Message(_Part):
    """One text for one chat; the receiver knows which chat `to` is."""

    to: Annotated[str, Field(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$")]
    text: Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT)]


class NoticeHouse(_Part):
    """A house that a notice is about, and how it may be fed until the repair."""

    house: str
    path: Literal["none", "drop", "tie", "battery"]
    sellers: Annotated[tuple[str, ...], Field(strict=False)]


class Notice(_Part):
    """What an outbox line and the body of a POST hold.

    answers: of an all-clear, event_ids of the notices that it answers. again: set when it is
    to reach people although they may have read it; receivers tell repeats by event_id and
    this together.

    Raises pydantic.ValidationError for anything else; `read_notice` turns that into words.
    """

    version: Literal[2] = 2
    event_id: _Id
    run_id: str
    scenario: str
    kind: Literal["outage", "restored"]
    element_kind: str
    element: str
    tick: Annotated[int, Field(ge=0)]
    time: str  # simulated local time at the end of the tick, ISO 8601
    houses: Annotated[tuple[NoticeHouse, ...], Field(strict=False, min_length=1)]
    answers: Annotated[tuple[_Id, ...], Field(strict=False)] = ()
    messages: Annotated[
        tuple[Message, ...], Field(strict=False, min_length=1, max_length=MOST_MESSAGES)
    ]
    again: Annotated[str, Field(pattern=r"^[0-9a-f]{0,32}$")] = ""

    def to_json(self) -> str:
        """As a line of the outbox and the body of a POST."""
        return self.model_dump_json(exclude={"again"} if not self.again else None)


def notices_of(
    alerts: Sequence[Alert],
    *,
    scenario: str,
    run_id: str,
    clock: Clock,
    dapp_url: str,
    operator_url: str | None = None,
) -> list[Notice]:
    """Alerts of one tick as notices, in order: one text for the substation, one a house."""
    return [
        _notice(list(group), scenario, run_id, clock, (dapp_url, operator_url))
        for _, group in groupby(alerts, lambda alert: alert.notice_id or alert.event_id)
    ]


def _notice(
    alerts: Sequence[Alert], scenario: str, run_id: str, clock: Clock, urls: tuple[str, str | None]
) -> Notice:
    """urls: what the links for houses and for the substation are made of."""
    first = alerts[0]
    dapp_url, operator_url = urls
    to_those_who_repair = to_substation(alerts, clock, operator_url)
    to_houses = (Message(to=a.house, text=to_homeowner(a, dapp_url)) for a in alerts)
    return Notice(
        event_id=first.notice_id or first.event_id,
        run_id=run_id,
        scenario=scenario,
        kind=first.kind.value,
        element_kind=first.element_kind,
        element=first.element,
        tick=first.tick,
        time=clock.time(first.tick + 1).isoformat(),
        houses=tuple(
            NoticeHouse(
                house=alert.house,
                path=alert.path.value,
                sellers=tuple(display_name(seller) for seller in alert.sellers),
            )
            for alert in alerts
        ),
        answers=tuple(dict.fromkeys(a.answers.notice_id for a in alerts if a.answers)),
        messages=(Message(to=SUBSTATION, text=to_those_who_repair), *to_houses),
    )


def read_notice(line: str | bytes, where: str) -> Notice:
    """The notice of an outbox line or a POST.

    Raises InputError that names `where` and every field that does not fit.
    """
    try:
        return Notice.model_validate_json(line)
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'the line'}: {problem['msg']}"
            for problem in error.errors(include_url=False, include_input=False)
        )
        raise InputError(f"{where} is no notice ({found}): run the scenario again") from None
