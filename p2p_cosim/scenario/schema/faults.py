"""What breaks, what meters report of it, and who notices."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from p2p_cosim.core.fault_kinds import FAULT_KINDS
from p2p_cosim.core.limits import INTERRUPTION_PU
from p2p_cosim.core.roles import DETECTORS
from p2p_cosim.core.types import Fault
from p2p_cosim.scenario.schema.fields import OneOf, Plugin
from p2p_cosim.scenario.schema.protection import PlaceName, ProtectionSection
from p2p_cosim.scenario.schema.section import Section

_Phases = Annotated[str, Field(pattern="^[ABC]{0,3}$")]


class FaultEntry(Section):
    """Something that breaks and is repaired."""

    kind: Annotated[str, OneOf(tuple(FAULT_KINDS))] = Field(
        description="What breaks; docs/faults.md tells what each kind does."
    )
    place: PlaceName = Field(
        description="A house (house_7), service transformer (service_2), line by its buses "
        "(684-611), bus (671), or "
        "regulator (reg_b), as the kind needs."
    )
    start_tick: int = Field(ge=0, description="First tick with the fault.")
    end_tick: int = Field(ge=1, description="First tick after its repair.")
    phases: _Phases = Field(
        default="",
        description="Of open phases and short circuits: A, B, C, AB, BC, CA or ABC.",
    )
    impedance_ohm: float = Field(
        default=0.0, ge=0, le=1e6, description="Of a short circuit; 0 is bolted."
    )

    def fault(self) -> Fault:
        """The fault as the grid takes it."""
        return Fault(
            self.kind,
            self.place,
            self.start_tick,
            self.end_tick,
            self.phases,
            self.impedance_ohm,
        )


class RateEntry(Section):
    """Things that break at random, each by itself."""

    kind: Annotated[str, OneOf(tuple(FAULT_KINDS))] = Field(description="As in the schedule.")
    places: Annotated[tuple[PlaceName, ...], Field(strict=False)] = Field(
        default=(), description="Where; for faults at a house, all houses if not given."
    )
    per_year: float = Field(
        gt=0, le=10_000, description="Mean number a year at each of the places."
    )
    repair_h: float = Field(default=2.0, gt=0, le=1000, description="Median time to repair.")
    repair_spread: float = Field(
        default=0.5, ge=0, le=3, description="Standard deviation of the logarithm of that time."
    )
    phases: _Phases = Field(default="", description="As in the schedule.")
    impedance_ohm: float = Field(default=0.0, ge=0, le=1e6, description="As in the schedule.")


class MeteringSection(Section):
    """How good the readings are that detectors get; by default perfect."""

    v_noise_pu: float = Field(
        default=0.0, ge=0, le=0.1, description="Standard deviation of a voltage reading."
    )
    p_noise: float = Field(
        default=0.0, ge=0, le=0.5, description="Of P and Q of a house, relative to its power."
    )
    head_noise: float = Field(
        default=0.0, ge=0, le=0.5, description="Of P and Q at the head, relative to its power."
    )
    lost_share: float = Field(
        default=0.0, ge=0, le=1, description="Probability that a reading does not arrive."
    )
    delay_ticks: int = Field(
        default=0, ge=0, le=96, description="By how many ticks all readings are late."
    )
    last_gasp_share: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Share of last gasps that arrive, 30 to 45 s after the supply is lost and "
        "however late readings are; a dark meter is silent then. Not given, it goes on reporting.",
    )


class LoadForecastSection(Section):
    """How wrong the forecast of the published loads is that a detector's own feeder model gets.

    Errors are AR(1) from tick to tick, as standard deviations relative to the load. The detectors
    know how large they usually are, and with both at 0 expect the defaults.
    """

    common: float = Field(default=0.03, ge=0, le=0.5, description="Of what all loads share.")
    own: float = Field(default=0.02, ge=0, le=0.5, description="Of each load by itself.")
    memory: float = Field(default=0.9, ge=0, lt=1, description="From tick to tick.")


class FaultsSection(Section):
    """What breaks, and who notices."""

    schedule: Annotated[tuple[FaultEntry, ...], Field(strict=False)] = Field(
        default=(), description="List of faults, each with kind, place, start_tick and end_tick."
    )
    rates: Annotated[tuple[RateEntry, ...], Field(strict=False)] = Field(
        default=(), description="Faults drawn at random on top: kind, places, per_year, repair_h."
    )
    metering: MeteringSection = Field(
        default=MeteringSection(), description=MeteringSection.__doc__
    )
    detector: Annotated[str, Plugin("detector", tuple(DETECTORS))] = Field(
        default="outage_threshold",
        description="Who watches the meters: docs/detection.md.",
    )
    threshold_v_pu: float = Field(
        default=INTERRUPTION_PU,
        gt=0,
        lt=1,
        description="Below this a house has no supply (`outage_threshold`); IEEE 1159 "
        "interruption.",
    )
    protection: ProtectionSection = Field(
        default=ProtectionSection(), description=ProtectionSection.__doc__
    )
    load_forecast: LoadForecastSection = Field(
        default=LoadForecastSection(), description=LoadForecastSection.__doc__
    )
