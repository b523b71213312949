"""A detector that knows one voltage."""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.fault_kinds import HOUSE_OUTAGE, HOUSE_RESTORED
from p2p_cosim.core.limits import INTERRUPTION_PU
from p2p_cosim.core.types import Alarm, MeterView
from p2p_cosim.detection.dark import DarkHouses, house_alarms


class OutageThreshold(Brief):
    """Reports a house whose meter voltage is below a threshold, and that it came back.

    One alarm an outage: a house is reported again only after its voltage came back on its own
    drop. One that was transferred to its tie keeps its outage, and so does one that was dark
    when its readings stopped arriving.

    threshold_v_pu: below this a house is taken to be without supply. Interruption in the
    sense of IEEE 1159-2019 is a voltage below 0.1 pu; a bolted fault elsewhere leaves 0.3
    to 0.5 pu on back-fed phases, which is a sag and not an outage.
    """

    name = "outage_threshold"

    def __init__(self, threshold_v_pu: float = INTERRUPTION_PU) -> None:
        self.threshold_v_pu = threshold_v_pu
        self._dark: DarkHouses | None = None

    def inspect(self, meters: MeterView) -> Sequence[Alarm]:
        """An outage for every house that is newly without supply, then a return for every house
        that has it again."""
        self._dark = self._dark or DarkHouses(meters.sites, self.threshold_v_pu)
        lost, back = self._dark.update(meters)
        return (
            *house_alarms(HOUSE_OUTAGE, lost, meters, self.name),
            *house_alarms(HOUSE_RESTORED, back, meters, self.name),
        )
