"""Prices as margins: what strategies that learn have in common.

A margin is a price as a share of the way from a trader's own limit, where a trade gains it nothing
(0), to the other end of the tariff, where no partner would get more than from the utility (1). So
buyers and sellers learn alike, at any tariff, and what was learned holds when the tariff changes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import Order, Outcome, QuoteView, Side


@dataclass(frozen=True, slots=True)
class Band:
    """What a trader may quote on one side, in wei per Wh: from its limit to the best price."""

    limit: int
    best: int

    def price(self, margin: float) -> int:
        """In wei per Wh; on the limit's side of the exact price."""
        return self.limit + int(margin * (self.best - self.limit))

    def margin(self, price: float) -> float:
        """Of a price in wei per Wh; 0 where the tariff leaves nothing to share."""
        width = self.best - self.limit
        return (price - self.limit) / width if width else 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """What became of what a trader wanted on one side of a settled round.

    filled: share of the energy. margin: that its own trades had, or None without one. cleared:
    margin of the round's price, or None if nobody traded.
    """

    side: Side
    filled: float
    margin: float | None
    cleared: float | None


def side_of(view: QuoteView) -> Side:
    """The side of the forecast: a need bids."""
    return Side.BID if view.forecast_wh > 0 else Side.ASK


def band_of(view: QuoteView) -> Band:
    """Of the forecast's side. A limit beyond the other end of the tariff leaves no band."""
    tariff = view.tariff
    if view.forecast_wh > 0:
        value = view.value_wei_per_wh
        return Band(value, min(value, tariff.floor_wei_per_wh))
    cost = view.cost_wei_per_wh
    return Band(cost, max(cost, tariff.retail_wei_per_wh))


def order_at(view: QuoteView, band: Band, margin: float) -> tuple[Order, ...]:
    """One order for the whole forecast at a margin, or none for a forecast of nothing."""
    if view.forecast_wh == 0:
        return ()
    return (Order(view.trader, side_of(view), abs(view.forecast_wh), band.price(margin)),)


def result_of(outcome: Outcome, band: Band) -> Result | None:
    """Of a round in which it had an order; None without one that the market took."""
    placed = [placement for placement in outcome.orders if placement.in_book]
    if not placed:
        return None
    wanted_wh = sum(placement.order.energy_wh for placement in placed)
    filled_wh = sum(placement.filled_wh for placement in placed)
    cleared = outcome.price_wei_per_wh
    own = outcome.market_wei / outcome.contracted_wh if outcome.contracted_wh else None
    return Result(
        side=placed[0].order.side,
        filled=filled_wh / wanted_wh,
        margin=None if own is None else band.margin(own),
        cleared=None if cleared is None else band.margin(cleared),
    )


def require_inside(strategy: str, limits: Mapping[str, tuple[float, float, float]]) -> None:
    """limits: by name of a parameter, its value and the least and most that it may be.

    Raises InputError naming every value that is beyond its limits, or no number.
    """
    wrong = [
        f"{name} is {value!r}: it is from {least:g} to {most:g}"
        for name, (value, least, most) in limits.items()
        if not (math.isfinite(value) and least <= value <= most)
    ]
    if wrong:
        raise InputError(f"strategy {strategy}: {'; '.join(wrong)}. Give others or leave them out")
