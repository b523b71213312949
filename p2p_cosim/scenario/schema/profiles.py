"""The section on what houses consume and produce."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from p2p_cosim.core.limits import MAX_HOUSE_KW
from p2p_cosim.core.roles import FORECASTERS
from p2p_cosim.scenario.schema.fields import CsvPath, Plugin
from p2p_cosim.scenario.schema.section import Section

_Share = Annotated[float, Field(ge=0, le=1)]


class ProfilesSection(Section):
    """What the houses consume and produce, and how well they foresee it."""

    source: Literal["generated", "csv"] = Field(
        default="generated", description="Seeded generators, or measured data from a file."
    )
    model: Literal["weather", "simple"] = Field(
        default="weather",
        description="Of generated profiles: `weather`, one weather for all houses, with days that "
        "have a memory, seasons and arrays of every tilt; or `simple`, an older generator without "
        "any of that, which is kept for one version, for results that rest on it. "
        "docs/profiles.md has what both are held to.",
    )
    csv: CsvPath = Field(
        default=None,
        description="File with measured data (source `csv`), relative to the scenario's.",
    )
    load_kwh_per_day: float = Field(
        default=22.7,
        gt=0,
        le=200,
        description="Mean consumption of a house; 22.7 is 8.3 MWh a year.",
    )
    pv_share: _Share = Field(default=0.5, description="Share of the houses that have PV.")
    pv_kw: float = Field(
        default=5.0, ge=0, le=MAX_HOUSE_KW, description="Rating of a PV array at 1000 W/m2."
    )
    pv_performance_ratio: float = Field(
        default=0.85, gt=0, le=1, description="Real over rated PV output at the same irradiance."
    )
    latitude_deg: float = Field(
        default=40.0, ge=-66, le=66, description="Latitude, north positive."
    )
    cloudiness: _Share = Field(default=0.2, description="Mean share of the sky under cloud.")
    mean_temperature_c: float = Field(
        default=12.0, ge=-20, le=35, description="Mean temperature of the year (`weather`)."
    )
    temperature_swing_k: float = Field(
        default=11.0,
        ge=0,
        le=30,
        description="Mean of the warmest day above that of the year (`weather`).",
    )
    cooled_share: _Share = Field(
        default=0.8, description="Share of houses with electric cooling (`weather`)."
    )
    heated_share: _Share = Field(
        default=0.2, description="Share of houses heated by a heat pump (`weather`)."
    )
    loss_w_per_k: float = Field(
        default=260.0,
        ge=0,
        le=1000,
        description="Heat that a mean house loses or gains a kelvin (`weather`).",
    )
    dc_per_ac: float = Field(
        default=1.2,
        ge=0.5,
        le=3,
        description="Rating of an array over that of its inverter, which clips (`weather`).",
    )
    power_factor: float = Field(
        default=0.97,
        ge=0.5,
        le=1,
        description="Lagging power factor of the household load; PV has 1.",
    )
    forecaster: Annotated[str, Plugin("forecaster", FORECASTERS)] = Field(
        default="noisy_truth",
        description="What traders expect of their load and PV: the truth with an error "
        "(`forecast_error`) or without one, what was last, what was a day before, or what gradient "
        "boosting has learned of the run so far (`boosted`, extra `detect`).",
    )
    forecast_error: _Share = Field(
        default=0.1,
        description="Relative standard deviation of the forecast of a trader's net energy "
        "(`noisy_truth`).",
    )

    @property
    def kvar_per_kw(self) -> float:
        """Reactive per active power of the household load."""
        return math.tan(math.acos(self.power_factor))
