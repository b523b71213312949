"""What breaks, what meters report of it, and who notices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field

from p2p_cosim.core.types import Fault
from p2p_cosim.scenario.schema.fields import (
    BY_LOAD,
    FEEDER_LINES,
    FEEDER_SITES,
    FEEDER_SWITCHES,
    named,
)
from p2p_cosim.scenario.schema.problems import did_you_mean, show
from p2p_cosim.scenario.schema.section import Section

if TYPE_CHECKING:
    from p2p_cosim.scenario.schema.scenario import Scenario

FaultKind = Literal[
    "house_outage",
    "transformer_outage",
    "lateral_open",
    "switch_open",
    "open_phase",
    "slg",
    "ll",
    "llg",
    "three_phase",
    "lv_short",
    "reversed_regulator",
    "inverter_trip",
    "lying_meter",
]
AT_A_HOUSE = ("house_outage", "lv_short", "inverter_trip", "lying_meter")
PHASE_COUNT: Mapping[str, int] = {"open_phase": 1, "slg": 1, "ll": 2, "llg": 2, "three_phase": 3}
SHORTS = ("slg", "ll", "llg", "three_phase", "lv_short")
_LV_BUSES = {"634": "ABC"}  # behind the feeder's own transformer: a fault's place, no house's


def _text(value: object) -> object:
    """A bus such as 671 is a number to YAML."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_Place = Annotated[str, BeforeValidator(_text)]
_Phases = Annotated[str, Field(pattern="^[ABC]{0,3}$")]


class FaultEntry(Section):
    """Something that breaks and is repaired."""

    kind: FaultKind = Field(
        description="`house_outage`, `transformer_outage`, `lateral_open`, `switch_open`, "
        "`open_phase`, `slg`, `ll`, `llg`, `three_phase`, `lv_short`, "
        "`reversed_regulator`, `inverter_trip` or `lying_meter`; docs/faults.md tells what each "
        "does."
    )
    place: _Place = Field(
        description="A house (house_7), service transformer (service_2), line by its buses "
        "(684-611), bus (671), or "
        "regulator (reg_b), as the kind needs."
    )
    start_tick: int = Field(ge=0, description="First tick with the fault.")
    end_tick: int = Field(ge=1, description="First tick after its repair.")
    phases: _Phases = Field(
        default="", description="Of open_phase and of short circuits: A, B, C, AB, BC, CA or ABC."
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

    kind: FaultKind = Field(description="As in the schedule.")
    places: Annotated[tuple[_Place, ...], Field(strict=False)] = Field(
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
    loss: float = Field(
        default=0.0, ge=0, le=1, description="Probability that a reading does not arrive."
    )
    delay_ticks: int = Field(
        default=0, ge=0, le=96, description="By how many ticks all readings are late."
    )


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
    detector: Annotated[
        str,
        named("detector", "outage_threshold", "statistical", "energy_balance", "learned"),
    ] = Field(
        default="outage_threshold",
        description="`outage_threshold`, `statistical`, `energy_balance`, `learned` or "
        "package.module:Name.",
    )
    threshold_v_pu: float = Field(
        default=0.1,
        gt=0,
        lt=1,
        description="Below this a house has no supply (`outage_threshold`); IEEE 1159 "
        "interruption.",
    )


def place_problem(scenario: Scenario, kind: str, place: str, phases: str) -> str | None:
    """What is wrong with the place or phases of a fault, or None.

    Places of other feeders than ieee13 are the grid's to check.
    """
    own_control = scenario.control.controller == "regcontrol"
    if kind == "reversed_regulator" and not own_control:
        return "changes the regulator's own control: write control.controller: regcontrol"
    by_load = kind == "transformer_outage" and scenario.houses.sites == BY_LOAD
    if by_load or (kind not in AT_A_HOUSE and not scenario.is_ieee13):
        return None
    return _ieee13_problem(scenario, kind, place, phases)


def _ieee13_problem(scenario: Scenario, kind: str, place: str, phases: str) -> str | None:
    there: str | None
    if kind in AT_A_HOUSE:
        names, what, there = scenario.house_names, "a house of this scenario", ""
    elif kind == "transformer_outage":
        names, what, there = _transformers(scenario), "a service transformer", ""
    elif kind == "reversed_regulator":
        names, what, there = ("reg_a", "reg_b", "reg_c"), "a regulator", ""
    elif kind == "switch_open":
        names, what, there = tuple(FEEDER_SWITCHES["ieee13"]), "a switch", ""
    elif kind in ("lateral_open", "open_phase"):
        lines = {**FEEDER_LINES["ieee13"], **FEEDER_SWITCHES["ieee13"]}
        names, what, there = tuple(lines), "a line", lines.get(place)
    else:
        buses = _buses()
        names, what, there = tuple(buses), "a bus that can have a short circuit", buses.get(place)
    if place not in names:
        known = f" ({names[0]} to {names[-1]})" if kind in AT_A_HOUSE else ""
        return f"{show(place)} is not {what}{known}{did_you_mean(place, names)}"
    count = PHASE_COUNT.get(kind, 0)
    if len(phases) != count or len(set(phases)) != count:
        return (
            f"needs {count} different phases, and has {show(phases)}"
            if count
            else (f"has phases {show(phases)}, which {kind} does not take: remove them")
        )
    if not set(phases) <= set(there or ""):
        return f"has no phase {show(phases)}: it has {there}"
    return None


def overlapping_shorts(entries: tuple[FaultEntry, ...]) -> Iterator[tuple[int, str]]:
    """Index and message of each short circuit that begins while another stands."""
    busy_until = 0
    numbered = [(i, entry) for i, entry in enumerate(entries) if entry.kind in SHORTS]
    for i, entry in sorted(numbered, key=lambda pair: pair[1].start_tick):
        if entry.start_tick < busy_until:
            yield (
                i,
                f"{entry.start_tick} is before the end of another short circuit at tick "
                f"{busy_until}: the feeder holds one at a time, start later",
            )
        busy_until = max(busy_until, entry.end_tick)


def _transformers(scenario: Scenario) -> tuple[str, ...]:
    """Names as the grid gives them: in blocks over the sites, `per_transformer` each."""
    houses = scenario.houses
    block = -(-houses.count // len(houses.sites))
    sizes = [min(block, houses.count - first) for first in range(0, houses.count, block)]
    count = sum(-(-size // houses.per_transformer) for size in sizes)
    return tuple(f"service_{i + 1}" for i in range(count))


def _buses() -> dict[str, str]:
    """Buses with their phases, without the source."""
    buses: dict[str, str] = {}
    for site in FEEDER_SITES["ieee13"]:
        bus, _, phase = site.partition(".")
        buses[bus] = buses.get(bus, "") + phase
    return {bus: p for bus, p in (buses | _LV_BUSES).items() if bus != "650"}
