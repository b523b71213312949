"""Who can sell to a house that lost its supply: from the chain and the meters alone.

When the alarm of tick t leaves, the orders of t+1 are not there yet. What is there: the book
of round t in contract events, the house meters of t, and the surplus that households
forecast for t+1 and publish.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from p2p_cosim.core.types import MeterView, Placement, Seller, Side

MOST_SELLERS = 3

# Below this an inverter trips and sells nothing: undervoltage UV1 of IEEE 1547-2018,
# categories I and II.
LEAST_SELLING_V_PU = 0.70


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What chain, meters and households have published at the end of a tick.

    placements: the book of the round just delivered. forecast_wh: net energy of the next
    interval by house, negative is surplus; empty after the last tick.
    tie_ends: by house with a tie, the service transformer that it leads to.
    """

    meters: MeterView
    placements: Sequence[Placement]
    forecast_wh: Mapping[str, int]
    tie_ends: Mapping[str, str]


def tie_is_live(house: str, known: Known) -> bool:
    """Whether the tie of a house ends at a transformer with a voltage: some house behind it
    is energised. Without a tie, or in the dark, nothing that anybody sells can reach it."""
    end, energised = known.tie_ends.get(house), _energised(known.meters)
    return any(site.transformer == end and site.name in energised for site in known.meters.sites)


def who_can_sell(house: str, known: Known, most: int = MOST_SELLERS) -> tuple[Seller, ...]:
    """At most `most` houses that can sell energy to `house` in the next interval.

    None if its tie is not live. Otherwise every house that expects a surplus and is energised
    through its own drop, cheapest ask of the last round first; then those that did not ask,
    whose price nobody knows yet. Among equals the larger surplus comes first, then the order
    of houses.
    """
    if not tie_is_live(house, known):
        return ()
    asked = _cheapest_asks(known.placements)
    energised = _energised(known.meters) - {house}
    able = [
        Seller(site.name, asked.get(site.name), -known.forecast_wh.get(site.name, 0))
        for site in known.meters.sites
        if site.name in energised
    ]
    ranked = sorted((seller for seller in able if seller.spare_wh > 0), key=_rank)
    return tuple(ranked[:most])


def _rank(seller: Seller) -> tuple[float, int]:
    price = math.inf if seller.ask_wei_per_wh is None else seller.ask_wei_per_wh
    return price, -seller.spare_wh


def _energised(meters: MeterView) -> set[str]:
    """Houses with a voltage that an inverter runs at, on their own drop."""
    return {
        site.name
        for site, v_pu in zip(meters.sites, meters.v_pu, strict=True)
        if v_pu >= LEAST_SELLING_V_PU and site.name not in meters.on_tie
    }


def _cheapest_asks(placements: Sequence[Placement]) -> dict[str, int]:
    """Each trader's lowest ask in the book, in wei/Wh."""
    asks: dict[str, int] = {}
    for placement in placements:
        order = placement.order
        if order.side is Side.ASK and placement.in_book:
            price = min(order.price_wei_per_wh, asks.get(order.trader, order.price_wei_per_wh))
            asks[order.trader] = price
    return asks
