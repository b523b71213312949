"""The section on voltage control."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from p2p_cosim.core.defaults import (
    DELAY_TICKS,
    ERROR_MARGIN,
    FORECAST,
    HORIZON_TICKS,
    MARGIN_PU,
    MODEL_ERROR,
    POLICY,
    TRIGGER_MARGIN_PU,
)
from p2p_cosim.core.limits import MAX_TAP, V_MAX_PU, V_MIN_PU
from p2p_cosim.core.roles import CONTROLLERS, INVERTER_RULES
from p2p_cosim.scenario.schema.fields import OneOf, Plugin
from p2p_cosim.scenario.schema.section import Section

_Tap = Annotated[int, Field(ge=-MAX_TAP, le=MAX_TAP)]
_Voltage = Annotated[float, Field(ge=0.8, le=1.2)]
_SetPoint = Annotated[float, Field(gt=0, le=1000)]


class ControlSection(Section):
    """Who moves the taps, and the band that the house meters must stay in."""

    controller: Annotated[str, Plugin("controller", tuple(CONTROLLERS))] = Field(
        default="reactive",
        description="`hold`; `regcontrol`, the published regulator controls; `reactive` to the "
        "last meters; `look_ahead` to the cleared trades; `volt_var`, `curtail` or `volt_watt`, "
        "inverters that answer their voltage while taps hold; or package.module:Name.",
    )
    v_min_pu: _Voltage = Field(default=V_MIN_PU, description="Least voltage; ANSI C84.1 Range A.")
    v_max_pu: _Voltage = Field(default=V_MAX_PU, description="Most voltage; ANSI C84.1 Range A.")
    margin_pu: float = Field(
        default=MARGIN_PU, ge=0, le=0.05, description="How far inside the band a tap move aims."
    )
    min_tap: _Tap = Field(default=-MAX_TAP, description="Lowest tap the controller may set.")
    max_tap: _Tap = Field(default=MAX_TAP, description="Highest tap the controller may set.")
    inverters: Annotated[str | None, OneOf(INVERTER_RULES, optional=True)] = Field(
        default=None,
        description="How inverters answer their voltage beside a controller of taps: `volt_var`, "
        "`curtail` or `volt_watt`.",
    )
    set_points_v: Annotated[tuple[_SetPoint, ...], Field(strict=False)] | None = Field(
        default=None,
        description="Of the feeder's regulator controls, one for each regulator, in V on the "
        "secondary of its transformer; null for the feeder's own.",
    )
    trigger_margin_pu: float = Field(
        default=TRIGGER_MARGIN_PU,
        ge=0,
        le=0.05,
        description="Of `reactive`: how far inside the band a house is when it acts; the move "
        "aims further inside, by margin_pu.",
    )
    max_moves_per_day: int | None = Field(
        default=None, ge=0, description="Most moves of a regulator in a day; null for no limit."
    )
    delay_ticks: int = Field(
        default=DELAY_TICKS, ge=0, le=96, description="Ticks between the decision and its move."
    )
    policy: Literal["smallest", "setpoint"] = Field(
        default=POLICY,
        description="Of `look_ahead`: the `smallest` change that keeps all houses inside, or back "
        "to the `setpoint` of the published controls, 122 V on 120 V.",
    )
    forecast: Literal["trades", "persistence", "seasonal_naive"] = Field(
        default=FORECAST,
        description="Of `look_ahead`: what it takes houses to draw. `trades`, what they bought and "
        "sold; `persistence`, what their meters said last; `seasonal_naive`, a day before.",
    )
    model_error: float = Field(
        default=MODEL_ERROR,
        ge=0,
        le=1,
        description="Of the feeder model that a controller computes with: relative standard "
        "deviation of what it takes each line and each published load for; 0 is the feeder itself.",
    )
    horizon_ticks: int = Field(
        default=HORIZON_TICKS,
        ge=1,
        le=96,
        description="Of `look_ahead`: how long a move should last, by the drift of the last ticks.",
    )
    error_margin: float = Field(
        default=ERROR_MARGIN,
        ge=0,
        le=10,
        description="Of `look_ahead`: standard deviations of its own prediction errors that it "
        "adds to margin_pu.",
    )
    inverter_kva_per_kw: float = Field(
        default=1.1,
        ge=1,
        le=2,
        description="Rating of PV inverters over that of their arrays, for `volt_var`, "
        "`curtail` and `volt_watt`.",
    )
