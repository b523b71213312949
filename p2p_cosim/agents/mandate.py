"""What somebody allows the agent of a house: prices, energy a day, and until when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.types import Order, Outcome, Side


@dataclass(frozen=True, slots=True)
class Terms:
    """Limits of a mandate.

    sell_from, buy_up_to: least price of an ask and greatest of a bid, in wei/Wh. until: the first
    tick in which nothing may be ordered any more. wh_a_day: most that may be traded on a
    calendar day, bought and sold together.
    """

    sell_from: int
    buy_up_to: int
    until: int
    wh_a_day: int


@dataclass(slots=True)
class Mandate:
    """A mandate, and what was traded under it by day."""

    terms: Terms
    clock: Clock
    traded_wh: Counter[date] = field(default_factory=Counter)

    def within(self, tick: int, orders: Sequence[Order]) -> tuple[Order, ...]:
        """The orders as far as they are allowed: dearer asks, cheaper bids, less energy, in the
        order in which the strategy gave them."""
        if tick >= self.terms.until:
            return ()
        left_wh = self.terms.wh_a_day - self.traded_wh[self._day(tick)]
        kept: list[Order] = []
        for order in orders:
            energy_wh = min(order.energy_wh, left_wh)
            if energy_wh > 0:
                price = self._price(order)
                kept.append(replace(order, energy_wh=energy_wh, price_wei_per_wh=price))
                left_wh -= energy_wh
        return tuple(kept)

    def learn(self, outcome: Outcome) -> None:
        """Count what was traded."""
        filled_wh = sum(placement.filled_wh for placement in outcome.orders)
        self.traded_wh[self._day(outcome.tick)] += filled_wh

    def _price(self, order: Order) -> int:
        if order.side is Side.BID:
            return min(order.price_wei_per_wh, self.terms.buy_up_to)
        return max(order.price_wei_per_wh, self.terms.sell_from)

    def _day(self, tick: int) -> date:
        return self.clock.time(tick).date()
