"""What single houses have of their own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from p2p_cosim.core.roles import STRATEGIES
from p2p_cosim.scenario.schema.devices import DeviceEntry
from p2p_cosim.scenario.schema.fields import Plugin, Series
from p2p_cosim.scenario.schema.section import Section

_Price = Annotated[float, Field(ge=0, le=100)]
_Share = Annotated[float, Field(ge=0, le=1)]

EVERY_HOUSE = "every_house"
"""In `traders`: the values of all houses that have none of their own."""


class Trader(Section):
    """What one house has instead of its generated profile and the common rules."""

    load_kw: Series = Field(
        default=None, description="Consumption: one number, or a list with one for each tick."
    )
    pv_kw: Series = Field(
        default=None, description="PV production: one number, or a list with one for each tick."
    )
    strategy: Annotated[str | None, Plugin("strategy", tuple(STRATEGIES), optional=True)] = Field(
        default=None, description="As market.strategy, for this house."
    )
    bid_eur_per_kwh: _Price | None = Field(
        default=None, description="What `fixed` bids for a need."
    )
    ask_eur_per_kwh: _Price | None = Field(
        default=None, description="What `fixed` asks for a surplus."
    )
    value_eur_per_kwh: _Price | None = Field(
        default=None,
        description="What energy from a neighbour is worth to it, whatever it bids; what it is "
        "drawn as (market.value_spread) if not given, by default the retail price.",
    )
    cost_eur_per_kwh: _Price | None = Field(
        default=None,
        description="What energy for a neighbour costs it, whatever it asks; as drawn if not "
        "given, by default the feed-in price.",
    )
    devices: Annotated[tuple[DeviceEntry, ...], Field(strict=False)] = Field(
        default=(),
        description="Batteries, cars, heat pumps and appliances; none: those of `every_house`.",
    )
    reserve_share: _Share | None = Field(
        default=None,
        description="Part of what its devices hold when full that `self_consumption` does not "
        "offer; 0.2 if nothing is given.",
    )
    forecast_error: _Share | None = Field(
        default=None, description="As profiles.forecast_error, for this house."
    )
