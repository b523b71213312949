"""The section on the feeder."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from p2p_cosim.feeders import FEEDERS
from p2p_cosim.scenario.schema.fields import CsvPath, DssPath, OneOf, Taps
from p2p_cosim.scenario.schema.section import Section


class SpotLoadsSection(Section):
    """The published loads of the feeder beside the houses."""

    scale: float = Field(default=1.0, ge=0, le=2, description="Multiplies every published load.")
    profile: Literal["constant", "daily"] = Field(
        default="constant",
        description="`constant`, or `daily`: a day's shape between 0.55 and 0.98 on top of scale.",
    )
    bid: bool = Field(
        default=False,
        description="Whether the published spot loads buy in the market as bulk consumers.",
    )


class FeederSection(Section):
    """The distribution feeder and its state before the run."""

    name: Annotated[str, OneOf(FEEDERS)] = Field(
        default="ieee13", description="Published test feeder."
    )
    master: DssPath = Field(
        default=None,
        description="An OpenDSS master file of your own, relative to the scenario's; then name is "
        "not read. docs/feeder.md tells what it may contain.",
    )
    source_v_pu: float | None = Field(
        default=None,
        ge=0.9,
        le=1.1,
        description="Voltage at the feeder's head; by default the feeder's own.",
    )
    source_series: CsvPath = Field(
        default=None,
        description="File with the voltage at the head over time, columns `timestamp,v_pu`, "
        "relative to the scenario's; then source_v_pu holds only while taps `settle`.",
    )
    taps: Taps = Field(
        default="settle",
        description="Regulator taps at the start, -16 to 16, one for each regulator (ieee13: "
        "phases A, B, C), or `settle`: where the feeder's regulator controls come to rest.",
    )
    settle_at: Literal["full_load", "first_interval"] = Field(
        default="full_load",
        description="Published loads while taps `settle`: as published, or as in the run's first "
        "interval.",
    )
    spot_loads: SpotLoadsSection = Field(
        default=SpotLoadsSection(), description="The published loads."
    )
