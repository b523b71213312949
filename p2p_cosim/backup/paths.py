"""The ways to supply a house whose own service drop is dead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from p2p_cosim.backup.battery import Battery
from p2p_cosim.core.protocols import Strategy
from p2p_cosim.core.types import Alarm, HouseSite, Trade

INTERRUPTION_PU = 0.1
"""Below this a house has no supply: interruption in the sense of IEEE 1159-2019."""

HOUSE_RESTORED = "house_restored"
"""Kind of the alarm that a house has its own supply again."""


@dataclass(frozen=True, slots=True)
class TieFeed:
    """A normally open second feed.

    power_kw: most that may flow through it to the house. end: the service transformer there.
    """

    power_kw: float
    end: str


@dataclass(frozen=True, slots=True, eq=False)
class BackupPlan:
    """A household's backup path.

    feed: a tie, or a battery in its first state.
    essential_share: part of the household's load that it keeps on while it has no supply.
    strategy: how it bids for the energy that it expects to draw through a tie.
    """

    feed: TieFeed | Battery
    essential_share: float
    strategy: Strategy


def bought_wh(trader: str, trades: Iterable[Trade]) -> int:
    """What a trader bought in one round, less what it sold."""
    return sum(
        trade.energy_wh * ((trade.buyer == trader) - (trade.seller == trader)) for trade in trades
    )


def concerns(alarm: Alarm, site: HouseSite) -> bool:
    """Whether an alarm tells a house without voltage why: it names the house, its service
    transformer, or something wider. An all-clear tells a dark house nothing."""
    if alarm.kind == HOUSE_RESTORED:
        return False
    if alarm.place_kind == "house":
        return alarm.place == site.name
    return alarm.place_kind != "transformer" or alarm.place == site.transformer
