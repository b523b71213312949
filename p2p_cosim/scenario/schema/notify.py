"""Who is told about outages, and how."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from p2p_cosim.core.defaults import RESTORE_DELAY_TICKS
from p2p_cosim.scenario.schema.fields import Link, Receiver
from p2p_cosim.scenario.schema.section import Section


class ShelfEntry(Section):
    """A time during which nobody is told about a house."""

    house: str = Field(description="The house, such as house_7.")
    start_tick: int = Field(ge=0, description="First tick without alerts.")
    end_tick: int = Field(ge=1, description="First tick with alerts again.")


class NotifySection(Section):
    """Who is told about outages. Tokens and chats stand in the environment, never here."""

    sink: Literal["jsonl", "webhook"] | None = Field(
        default=None,
        description="`null` tells nobody, `jsonl` keeps alerts in the outbox, `webhook` also "
        "posts them while the run goes on.",
    )
    url: Receiver = Field(
        default="http://127.0.0.1:5678/webhook/p2p-alert",
        description="Where alerts are posted; plain http to this machine alone.",
    )
    dapp_url: Link = Field(
        default="http://127.0.0.1:8000",
        description="The link to the trading platform in messages to homeowners; `{house}` and "
        "`{tick}` in it become the house and the first tick that it can buy for; at most 2,000 "
        "characters.",
    )
    operator_url: Link | None = Field(
        default=None,
        description="The link to the operator's page in messages to the substation, where an alarm "
        "is acknowledged and shelved; `{place}` and `{tick}` in it become the element or house and "
        "the tick of the alarm; `null` for none.",
    )
    restore_delay_ticks: int = Field(
        default=RESTORE_DELAY_TICKS,
        ge=0,
        le=1000,
        description="A return of supply is told once it has lasted so long; ISA-18.2 off-delay.",
    )
    shelved: Annotated[tuple[ShelfEntry, ...], Field(strict=False)] = Field(
        default=(),
        description="List of houses that are not told about for a time, each with house, "
        "start_tick and end_tick; ISA-18.2 shelving.",
    )
