"""What happens between an alarm and the homes it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from p2p_cosim.agents.traders import Household
from p2p_cosim.backup import Known, concerns, tie_is_live, who_can_sell
from p2p_cosim.core.limits import INTERRUPTION_PU
from p2p_cosim.core.types import Alarm, BackupOffer, Feed, FloatArray, HouseSite


@dataclass(frozen=True, slots=True, eq=False)
class AtHome:
    """What people see at home, in the order of houses: whether there is a voltage, and whether
    it comes through their tie. v_pu: shape (houses,)."""

    sites: tuple[HouseSite, ...]
    v_pu: FloatArray
    on_tie: frozenset[str]


def tell_outages(
    households: Sequence[Household], seen: AtHome, alarms: Sequence[Alarm]
) -> list[Household]:
    """Tell houses whether their own drop is dead, and return those that did not know it yet.

    An alarm tells a house without voltage that its drop is dead; a voltage at home, not through
    a tie, that it is not. households: in the order of houses.
    """
    told = []
    for house, site, v_pu in zip(households, seen.sites, seen.v_pu, strict=True):
        if v_pu >= INTERRUPTION_PU and house.name not in seen.on_tie:
            house.tell(outage=False)
        elif not house.outage and any(concerns(alarm, site) for alarm in alarms):
            house.tell(outage=True)
            told.append(house)
    return told


def backup_offer(tick: int, house: Household, known: Known) -> BackupOffer:
    """What can feed a house from the next interval on, and who can sell to it."""
    if tie_is_live(house.name, known):
        return BackupOffer(tick, house.name, Feed.TIE, who_can_sell(house.name, known))
    return BackupOffer(tick, house.name, Feed.BATTERY if house.house.stored_wh else Feed.NONE)
