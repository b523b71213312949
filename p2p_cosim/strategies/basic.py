"""The strategies that ship: zero intelligence with a budget constraint, truthful, fixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.types import Order, QuoteView, Side


def _order_for_forecast(view: QuoteView, price_wei_per_wh: int) -> tuple[Order, ...]:
    """One order for the whole forecast: a bid for a need, an ask for a surplus."""
    if view.forecast_wh == 0:
        return ()
    side = Side.BID if view.forecast_wh > 0 else Side.ASK
    return (Order(view.trader, side, abs(view.forecast_wh), price_wei_per_wh),)


@dataclass(frozen=True, slots=True)
class ZeroIntelligence:
    """Zero intelligence with a budget constraint (ZI-C).

    A buyer bids uniformly between the feed-in tariff and its value of the energy, by default the
    retail tariff it would otherwise pay; a seller asks uniformly between its cost, by default the
    feed-in tariff it would otherwise get, and the retail tariff. Nobody quotes at a loss.

    Gode and Sunder, Journal of Political Economy 101 (1993) 119, doi:10.1086/261868.
    """

    def quote(self, view: QuoteView, rng: np.random.Generator) -> Sequence[Order]:
        """One order at a random price inside the tariff band, drawn from `rng`."""
        low, high = view.tariff.floor_wei_per_wh, view.tariff.retail_wei_per_wh
        if view.forecast_wh > 0:
            low, high = min(low, view.value_wei_per_wh), view.value_wei_per_wh
        else:
            low, high = view.cost_wei_per_wh, max(view.cost_wei_per_wh, high)
        price = int(rng.integers(low, high, endpoint=True))
        return _order_for_forecast(view, price)


@dataclass(frozen=True, slots=True)
class Truthful:
    """Quotes its true value: by default the tariff that the energy would otherwise cost or earn."""

    def quote(self, view: QuoteView, rng: np.random.Generator) -> Sequence[Order]:  # noqa: ARG002
        """A bid at what the energy is worth, or an ask at what it costs."""
        limit = view.value_wei_per_wh if view.forecast_wh > 0 else view.cost_wei_per_wh
        return _order_for_forecast(view, limit)


@dataclass(frozen=True, slots=True)
class OptOut:
    """Stays out of the market: all that it draws and gives is settled with the utility."""

    def quote(self, view: QuoteView, rng: np.random.Generator) -> Sequence[Order]:  # noqa: ARG002
        """No order."""
        return ()


@dataclass(frozen=True, slots=True)
class FixedPrice:
    """Always the same limit prices; for scenarios that a person follows by hand."""

    bid_wei_per_wh: int
    ask_wei_per_wh: int

    def quote(self, view: QuoteView, rng: np.random.Generator) -> Sequence[Order]:  # noqa: ARG002
        """A bid or an ask for the whole forecast at the fixed price of that side."""
        price = self.bid_wei_per_wh if view.forecast_wh > 0 else self.ask_wei_per_wh
        return _order_for_forecast(view, price)
