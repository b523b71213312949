"""When a house has no supply, and which alarms tell it so."""

from __future__ import annotations

from p2p_cosim.core.fault_kinds import HOUSE_RESTORED
from p2p_cosim.core.types import Alarm, HouseSite


def concerns(alarm: Alarm, site: HouseSite) -> bool:
    """Whether an alarm tells a house without voltage why: it names the house, its service
    transformer, or something wider. An all-clear tells a dark house nothing."""
    if alarm.kind == HOUSE_RESTORED:
        return False
    if alarm.place_kind == "house":
        return alarm.place == site.name
    return alarm.place_kind != "transformer" or alarm.place == site.transformer
