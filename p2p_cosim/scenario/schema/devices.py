"""Flexible devices behind a house's meter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from p2p_cosim.core.limits import MAX_HOUSE_KW
from p2p_cosim.scenario.schema.fields import OneOf, Slug
from p2p_cosim.scenario.schema.section import Section

DEVICE_KINDS = ("battery", "ev", "heat_pump", "appliance")

_Share = Annotated[float, Field(ge=0, le=1)]
_Efficiency = Annotated[float, Field(gt=0, le=1)]
_Hour = Annotated[float, Field(ge=0, lt=24)]
_Celsius = Annotated[float, Field(ge=5, le=35)]


class DeviceEntry(Section):
    """A device that what its house buys and sells can move."""

    kind: Annotated[str, OneOf(DEVICE_KINDS)] = Field(
        description="`battery`; `ev`, a car; `heat_pump`, which may cool; `appliance`, which may "
        "run later. docs/flexibility.md has what each does."
    )
    name: Slug | None = Field(
        default=None, description="Of its own in the house; its kind if not given."
    )
    share: _Share = Field(
        default=1.0, description="Share of houses that have it, in `every_house`; drawn."
    )
    power_kw: float = Field(gt=0, le=MAX_HOUSE_KW, description="Most that it draws or gives.")
    energy_wh: float = Field(
        default=10_000.0,
        gt=0,
        le=1e6,
        description="Battery, car: what it holds when full. Appliance: what a program takes.",
    )
    stored_share: _Share = Field(
        default=0.5, description="Battery, car: how full it is before tick 0."
    )
    charge_efficiency: _Efficiency = Field(
        default=0.95, description="Battery, car: energy stored over energy drawn."
    )
    discharge_efficiency: _Efficiency = Field(
        default=0.95, description="Battery, car: energy given over energy taken out."
    )
    wear_eur_per_kwh: float = Field(
        default=0.0,
        ge=0,
        le=10,
        description="Battery, car: what giving a kWh costs in life; strategies count it.",
    )
    v2g: bool = Field(default=True, description="Car: whether it can give.")
    waits: bool = Field(
        default=False,
        description="Car: charges no sooner than it must, but for what its house bought.",
    )
    required_share: _Share = Field(
        default=0.8, description="Car: how full it has to be when it leaves."
    )
    drive_wh: float = Field(
        default=7_000.0, ge=0, le=1e6, description="Car: what a day's driving takes."
    )
    arrival_h: _Hour = Field(default=18.0, description="Car: mean hour at which it comes.")
    departure_h: _Hour = Field(default=7.5, description="Car: mean hour at which it leaves.")
    spread_h: float = Field(
        default=0.75,
        ge=0,
        le=4,
        description="Car: standard deviation of both hours, drawn anew every day.",
    )
    mode: Literal["heat", "cool"] = Field(
        default="heat", description="Heat pump: what it does with the house."
    )
    cop: float = Field(
        default=3.0, gt=0, le=10, description="Heat pump: heat moved over energy drawn."
    )
    house_loss_w_per_k: float = Field(
        default=200.0, gt=0, le=2000, description="Heat pump: heat that the house loses a kelvin."
    )
    house_heat_wh_per_k: float = Field(
        default=5_000.0, gt=0, le=1e6, description="Heat pump: heat that the house holds a kelvin."
    )
    comfort_low_c: _Celsius = Field(default=19.5, description="Heat pump: least indoors.")
    comfort_high_c: _Celsius = Field(default=22.5, description="Heat pump: most indoors.")
    ready_h: _Hour = Field(default=19.0, description="Appliance: hour at which it is loaded.")
    deadline_h: _Hour = Field(
        default=7.0, description="Appliance: hour, next after that, by which it is done."
    )

    @property
    def named(self) -> str:
        """Its name in the house."""
        return self.name or self.kind

    def unread(self) -> list[str]:
        """Fields with a value of their own that a device of this kind does not have."""
        return [
            field
            for field, kinds in _ONLY_FOR.items()
            if self.kind not in kinds
            and getattr(self, field) != type(self).model_fields[field].default
        ]


_STORES = ("battery", "ev")
_ONLY_FOR: Mapping[str, tuple[str, ...]] = {
    "energy_wh": (*_STORES, "appliance"),
    **dict.fromkeys(
        ("stored_share", "charge_efficiency", "discharge_efficiency", "wear_eur_per_kwh"), _STORES
    ),
    **dict.fromkeys(
        ("v2g", "waits", "required_share", "drive_wh", "arrival_h", "departure_h", "spread_h"),
        ("ev",),
    ),
    **dict.fromkeys(
        (
            "mode",
            "cop",
            "house_loss_w_per_k",
            "house_heat_wh_per_k",
            "comfort_low_c",
            "comfort_high_c",
        ),
        ("heat_pump",),
    ),
    **dict.fromkeys(("ready_h", "deadline_h"), ("appliance",)),
}
