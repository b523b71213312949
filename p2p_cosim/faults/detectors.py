"""Detectors: meters in, alarms out."""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.core.types import Alarm, MeterView


class OutageThreshold:
    """Reports a house whose meter voltage is below a threshold.

    One alarm an outage: a house is reported again only after its voltage came back on its own
    drop. One that was transferred to its tie keeps its outage.

    threshold_v_pu: below this a house is taken to be without supply. Interruption in the
    sense of IEEE 1159-2019 is a voltage below 0.1 pu; a bolted fault elsewhere leaves 0.3
    to 0.5 pu on back-fed phases, which is a sag and not an outage.
    """

    name = "outage_threshold"

    def __init__(self, threshold_v_pu: float = 0.1) -> None:
        self.threshold_v_pu = threshold_v_pu
        self._dark: frozenset[str] = frozenset()

    def inspect(self, meters: MeterView) -> Sequence[Alarm]:
        """An alarm for every house that is newly without supply."""
        dark = [
            site.name
            for site, v_pu in zip(meters.sites, meters.v_pu, strict=True)
            if v_pu < self.threshold_v_pu or site.name in meters.on_tie
        ]
        new = [house for house in dark if house not in self._dark]
        self._dark = frozenset(dark)
        return tuple(Alarm(meters.tick, "house_outage", house, self.name) for house in new)
