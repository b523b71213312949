"""An alert as it travels: one JSON object, checked wherever it is read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import Alert
from p2p_cosim.notify.messages import SUBSTATION, display_name, to_homeowner, to_substation

_Text = Annotated[str, Field(min_length=1, max_length=4096)]  # Telegram's limit of a message


class Message(BaseModel):
    """One text for one chat; the receiver knows which chat `to` is."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    to: Annotated[str, Field(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$")]
    text: _Text


class Event(BaseModel):
    """What an outbox line and the body of a POST hold.

    Raises pydantic.ValidationError for anything else; `read_event` turns that into words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    version: Literal[1] = 1
    event_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    run_id: str
    scenario: str
    kind: Literal["outage", "restored"]
    house: str
    tick: Annotated[int, Field(ge=0)]
    time: str  # simulated local time at the end of the tick, ISO 8601
    sellers: Annotated[tuple[str, ...], Field(strict=False)]
    path: Literal["none", "drop", "tie", "battery"]
    messages: Annotated[tuple[Message, ...], Field(strict=False, min_length=1, max_length=10)]


def event_of(alert: Alert, *, scenario: str, run_id: str, clock: Clock, dapp_url: str) -> Event:
    """The alert with its texts filled in: one for the substation, one for the house."""
    return Event(
        event_id=alert.event_id,
        run_id=run_id,
        scenario=scenario,
        kind=alert.kind.value,
        house=alert.house,
        tick=alert.tick,
        time=clock.time(alert.tick + 1).isoformat(),
        sellers=tuple(display_name(seller) for seller in alert.sellers),
        path=alert.path.value,
        messages=(
            Message(to=SUBSTATION, text=to_substation(alert)),
            Message(to=alert.house, text=to_homeowner(alert, dapp_url)),
        ),
    )


def read_event(line: str, where: str) -> Event:
    """The event of an outbox line.

    Raises InputError that names `where` and every field that does not fit.
    """
    try:
        return Event.model_validate_json(line)
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'the line'}: {problem['msg']}"
            for problem in error.errors(include_url=False, include_input=False)
        )
        raise InputError(f"{where} is no alert event ({found}): run the scenario again") from None
