"""What a place of an alarm is."""

from __future__ import annotations

from p2p_cosim.core.fault_kinds import FAULT_KINDS
from p2p_cosim.core.types import Alarm, Fault, MeterView


def place_of(fault: Fault) -> str:
    """The place that an alarm about this fault should name."""
    if FAULT_KINDS[fault.kind].alarm_place == "phase":
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
        FAULT_KINDS[fault.kind].alarm_place,
        confidence,
        meters.of_tick if first_tick is None else first_tick,
    )
