"""Detectors: meters in, alarms out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from p2p_cosim.core.types import Alarm, MeterView


class OutageThreshold:
    """Reports a house whose meter voltage is below a threshold, and that it came back.

    One alarm an outage: a house is reported again only after its voltage came back on its own
    drop. One that was transferred to its tie keeps its outage, and so does one that was dark
    when its readings stopped arriving.

    threshold_v_pu: below this a house is taken to be without supply. Interruption in the
    sense of IEEE 1159-2019 is a voltage below 0.1 pu; a bolted fault elsewhere leaves 0.3
    to 0.5 pu on back-fed phases, which is a sag and not an outage.
    """

    name = "outage_threshold"

    def __init__(self, threshold_v_pu: float = 0.1) -> None:
        self.threshold_v_pu = threshold_v_pu
        self._dark: frozenset[str] = frozenset()

    def inspect(self, meters: MeterView) -> Sequence[Alarm]:
        """`house_outage` for every house that is newly without supply, then `house_restored`
        for every house that has it again."""
        dark = {
            site.name: bool(v_pu < self.threshold_v_pu)
            or site.name in meters.on_tie
            or (bool(np.isnan(v_pu)) and site.name in self._dark)
            for site, v_pu in zip(meters.sites, meters.v_pu, strict=True)
        }
        before, self._dark = self._dark, frozenset(house for house in dark if dark[house])
        lost = [house for house in dark if house in self._dark - before]
        back = [house for house in dark if house in before - self._dark]
        return (
            *(Alarm(meters.tick, "house_outage", house, self.name) for house in lost),
            *(Alarm(meters.tick, "house_restored", house, self.name) for house in back),
        )
