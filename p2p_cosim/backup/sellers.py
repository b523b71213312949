"""Who can sell to a house that lost its supply: from the chain and the meters alone.

When the alarm of tick t leaves, the orders of t+1 are not there yet. What is there: the book
of round t in contract events, the house meters of t, and the surplus that households
forecast for t+1 and publish.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from p2p_cosim.core.types import MeterView, Placement, Side

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


def who_can_sell(house: str, known: Known, most: int = MOST_SELLERS) -> tuple[str, ...]:
    """At most `most` houses that can sell energy to `house` in the next interval.

    None if `house` has no tie, or if no house behind the transformer where the tie ends is
    energised: then nothing that anybody sells can reach it. Otherwise every house that
    expects a surplus and is energised through its own drop, cheapest ask of the last round
    first; then those that did not ask, whose price nobody knows yet. Among equals the
    larger surplus comes first, then the order of houses.
    """
    energised = _energised(known.meters)
    sites = known.meters.sites
    end = known.tie_ends.get(house)
    if not any(site.transformer == end and site.name in energised for site in sites):
        return ()
    asked = _cheapest_asks(known.placements)
    surplus_wh = {
        site.name: -known.forecast_wh.get(site.name, 0)
        for site in sites
        if site.name != house and site.name in energised
    }
    ranked = sorted(
        (name for name, energy_wh in surplus_wh.items() if energy_wh > 0),
        key=lambda name: (asked.get(name, math.inf), -surplus_wh[name]),
    )
    return tuple(ranked[:most])


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
        if order.side is Side.ASK and placement.order_id is not None:
            price = min(order.price_wei_per_wh, asks.get(order.trader, order.price_wei_per_wh))
            asks[order.trader] = price
    return asks
