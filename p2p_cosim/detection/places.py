"""What a place of an alarm is."""

from __future__ import annotations

from p2p_cosim.core.types import Alarm, Fault, MeterView

PLACE_KINDS = {
    "house_outage": "house",
    "lv_short": "house",
    "inverter_trip": "house",
    "lying_meter": "house",
    "transformer_outage": "transformer",
    "lateral_open": "lateral",
    "switch_open": "lateral",
    "open_phase": "lateral",
    "reversed_regulator": "regulator",
    "slg": "phase",
    "ll": "phase",
    "llg": "phase",
    "three_phase": "phase",
}
"""What an alarm can tell of where a kind of fault is. Meters place a short circuit on its
phases; its bus is left to whoever drives along the line."""


def place_of(fault: Fault) -> str:
    """The place that an alarm about this fault should name."""
    if PLACE_KINDS[fault.kind] == "phase":
        return "".join(sorted(fault.phases))
    return fault.place


def alarm_of(
    fault: Fault,
    meters: MeterView,
    detector: str,
    confidence: float,
    first_tick: int | None = None,
) -> Alarm:
    """The alarm of a detector that takes the readings for this fault."""
    return Alarm(
        meters.tick,
        fault.kind,
        place_of(fault),
        detector,
        PLACE_KINDS[fault.kind],
        confidence,
        meters.of_tick if first_tick is None else first_tick,
    )
