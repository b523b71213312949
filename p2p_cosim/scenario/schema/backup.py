"""What a house has when its own supply fails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from p2p_cosim.core.limits import MAX_HOUSE_KW
from p2p_cosim.scenario.schema.section import Section


class Backup(Section):
    """What feeds one house while its own service drop is dead."""

    kind: Literal["none", "tie", "battery"] = Field(
        default="none",
        description="`none` stays dark; `tie` is fed from another service transformer with "
        "what it buys; `battery` lives on what it stored.",
    )
    power_kw: float = Field(
        default=5.0, gt=0, le=MAX_HOUSE_KW, description="Most that the tie or battery carries."
    )
    essential_share: float = Field(
        default=1.0, gt=0, le=1, description="Part of its load that the house keeps on."
    )
    to: str | None = Field(
        default=None,
        description="Tie: a house, or a service transformer such as service_2, at its other "
        "end; another transformer than the house's own, on the same phase.",
    )
    length_ft: float = Field(
        default=150.0, ge=1, le=2000, description="Tie: length of its conductor."
    )
    bid_eur_per_kwh: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="Tie: what the house bids for backup power; by default "
        "market.max_price_eur_per_kwh.",
    )
    energy_wh: float = Field(
        default=5_000.0, gt=0, le=1e6, description="Battery: what it holds when full."
    )
    stored_share: float = Field(
        default=1.0, ge=0, le=1, description="Battery: how full it is before tick 0."
    )
    efficiency: float = Field(
        default=0.9, gt=0, le=1, description="Battery: energy given over energy taken."
    )

    def unread(self) -> list[str]:
        """Fields with a value of their own that a backup of this kind does not have."""
        return [
            field
            for kind, fields in _ONLY_FOR.items()
            for field in fields
            if kind != self.kind and getattr(self, field) != type(self).model_fields[field].default
        ]


_ONLY_FOR: Mapping[str, tuple[str, ...]] = {
    "tie": ("to", "length_ft", "bid_eur_per_kwh"),
    "battery": ("energy_wh", "stored_share", "efficiency"),
}
