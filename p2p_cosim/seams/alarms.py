"""Alarms of a detector."""

from __future__ import annotations

from p2p_cosim.core.types import Alarm, MeterView
from p2p_cosim.seams.report import Report, Source

PLACE_KINDS = ("house", "transformer", "lateral", "phase", "regulator", "feeder")
"""What the place of an alarm may name; see `core.types.Alarm`."""
_PHASES = ("A", "B", "C", "AB", "BA", "AC", "CA", "BC", "CB", "ABC")
_DAY_S = 86_400.0


def checked_alarms(source: Source, returned: object, meters: MeterView) -> tuple[Alarm, ...]:
    """The alarms that a detector returned when it saw these meters, in its order.

    Raises PluginError for what are no alarms, an alarm of another tick, without kind or place,
    about a house, service transformer or phase that is not there, with a confidence outside of 0
    to 1, or first shown after its own tick.
    """
    report = Report(source)
    houses = [site.name for site in meters.sites]
    alarms = tuple(
        _alarm(report, path, alarm, meters, houses)
        for path, alarm in report.items("alarms", returned, Alarm, "[] for none")
    )
    report.close()
    return alarms


def _alarm(report: Report, path: str, alarm: Alarm, meters: MeterView, houses: list[str]) -> Alarm:
    tick, first, known_s = meters.tick, alarm.first_tick, alarm.known_s
    place_kind = report.name(
        f"{path}.place_kind", alarm.place_kind, "what the place names", PLACE_KINDS
    )
    if place_kind == "house":
        place = report.name(f"{path}.place", alarm.place, "a house of the meters", houses)
    elif place_kind == "phase":
        place = report.name(f"{path}.place", alarm.place, "one to three phases", _PHASES)
    elif place_kind == "transformer":
        known = list(dict.fromkeys(site.transformer for site in meters.sites))
        place = report.name(f"{path}.place", alarm.place, "a service transformer", known)
    else:
        place = report.text(f"{path}.place", alarm.place, "the name of a place")
    if first is not None:
        # Readings that come late may have shown it before the first tick of the run.
        first = report.whole(f"{path}.first_tick", first, "ticks", -(2**16), tick)
    return Alarm(
        report.whole(f"{path}.tick", alarm.tick, "ticks (it is view.tick)", tick, tick),
        report.text(f"{path}.kind", alarm.kind, "what happened, as a fault kind or in a word"),
        place,
        report.text(f"{path}.detector", alarm.detector, "the detector's name"),
        place_kind,
        report.real(f"{path}.confidence", alarm.confidence, "", 0.0, 1.0),
        first,
        known_s if known_s is None else report.real(f"{path}.known_s", known_s, "s", 0.0, _DAY_S),
    )
