"""Model predictive: plans a day ahead, and offers and bids the first step of the plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.types import Flexibility, FloatArray, Order, Outcome, QuoteView, Side, Tariff
from p2p_cosim.core.units import DAY_S, energy_wh
from p2p_cosim.strategies.storage_program import Plan, best_plan

_NEW = 0.3  # weight of the newest day in what an hour's energy is taken to be worth


class Predictive(Brief):
    """Solves a linear program over the horizon, with its forecasts and the limits of its devices
    (`storage_program`), anew before every interval.

    What energy is worth it learns by the time of day from its own rounds: the clearing price for
    the part of its orders that was filled, the tariff for the rest, as a share of the way from
    feed-in to retail. Before the first round of an hour it takes the middle, so that it tries.
    What the tariff of the coming intervals will be it knows.

    Own need is bid at its value and own surplus asked at its cost, as by `Truthful`. What its
    stores are to take or give beyond is quoted at what a Wh in the store is worth to the rest of
    the plan, losses and wear included. Nobody is bound by a plan: an order that nobody fills is
    left to the next one.

    hours: length of the horizon.
    """

    def __init__(self, interval_s: int, hours: float = 24.0) -> None:
        self.horizon = max(1, round(hours * 3600 / interval_s))
        self._per_day = max(1, round(DAY_S / interval_s))
        self._worth: dict[Side, dict[int, float]] = {Side.BID: {}, Side.ASK: {}}
        self._tariff: Tariff | None = None

    def quote(self, view: QuoteView, rng: np.random.Generator) -> Sequence[Order]:  # noqa: ARG002
        """At most one order for its net energy and one for its stores."""
        self._tariff = tariff = view.tariff
        outlook = view.outlook
        if outlook is None or not outlook.stores:
            return _plain(view, float(view.forecast_wh))
        net_wh = energy_wh(outlook.net_kw, outlook.interval_s)
        ticks = range(view.tick, view.tick + len(net_wh))
        tariffs = outlook.tariffs or (tariff,) * len(net_wh)
        plan = best_plan(
            net_wh,
            outlook.stores,
            outlook.interval_s,
            self._prices(Side.BID, ticks, tariffs),
            self._prices(Side.ASK, ticks, tariffs),
            end_value=float(np.mean([_middle(each) for each in tariffs])),
        )
        if plan is None:
            return _plain(view, float(view.forecast_wh))
        return _orders(view, outlook.stores, plan, float(net_wh[0]))

    def learn(self, outcome: Outcome) -> None:
        """What a Wh was worth at this time of the day."""
        if self._tariff is None:
            return
        for side, fallback in _fallbacks(self._tariff).items():
            orders = [placed for placed in outcome.orders if placed.order.side is side]
            wanted_wh = sum(placed.order.energy_wh for placed in orders)
            filled = sum(p.filled_wh for p in orders) / wanted_wh if wanted_wh else 1.0
            price = fallback if outcome.price_wei_per_wh is None else outcome.price_wei_per_wh
            newest = _share(filled * price + (1 - filled) * fallback, self._tariff)
            slot = outcome.tick % self._per_day
            before = self._worth[side].get(slot, newest)
            self._worth[side][slot] = before + _NEW * (newest - before)

    def _prices(self, side: Side, ticks: range, tariffs: Sequence[Tariff]) -> FloatArray:
        known, prices = self._worth[side], []
        for tick, tariff in zip(ticks, tariffs, strict=True):
            share = known.get(tick % self._per_day, 0.5)
            spread = tariff.retail_wei_per_wh - tariff.feed_in_wei_per_wh
            prices.append(tariff.feed_in_wei_per_wh + share * spread)
        return np.array(prices)


def _share(price: float, tariff: Tariff) -> float:
    """How far a price is from feed-in to retail; half where there is nothing between them."""
    spread = tariff.retail_wei_per_wh - tariff.feed_in_wei_per_wh
    return (price - tariff.feed_in_wei_per_wh) / spread if spread else 0.5


def _middle(tariff: Tariff) -> float:
    return (tariff.retail_wei_per_wh + tariff.feed_in_wei_per_wh) / 2


def _orders(
    view: QuoteView, stores: Sequence[Flexibility], plan: Plan, net_wh: float
) -> list[Order]:
    charge_wh = plan.drawn_wh[:, 0] - plan.given_wh[:, 0]
    takes_wh = float(np.maximum(charge_wh, 0.0).sum())
    gives_wh = float(np.maximum(-charge_wh, 0.0).sum())
    # What the house needs and has over meets its own stores first.
    met_wh = min(takes_wh, -net_wh) if net_wh < 0 else -min(gives_wh, net_wh)
    net_wh += met_wh
    takes_wh, gives_wh = takes_wh - max(met_wh, 0.0), gives_wh - max(-met_wh, 0.0)
    tariff, worth = view.tariff, zip(stores, plan.value, charge_wh, strict=True)
    bids, asks = [], []
    for store, value, charge in worth:
        if charge > 0:
            bids.append(value * store.charge_efficiency)
        elif charge < 0:
            asks.append(value / store.discharge_efficiency + store.wear_wei_per_wh)
    orders = _plain(view, net_wh)
    if takes_wh >= 1 and bids:
        orders += _order(view, Side.BID, takes_wh, _inside(min(bids), tariff))
    if gives_wh >= 1 and asks:
        orders += _order(view, Side.ASK, gives_wh, _inside(max(asks), tariff))
    return orders


def _fallbacks(tariff: Tariff) -> dict[Side, int]:
    """What energy costs and earns without the market."""
    return {Side.BID: tariff.retail_wei_per_wh, Side.ASK: tariff.feed_in_wei_per_wh}


def _plain(view: QuoteView, net_wh: float) -> list[Order]:
    if net_wh > 0:
        return _order(view, Side.BID, net_wh, view.value_wei_per_wh)
    return _order(view, Side.ASK, -net_wh, view.cost_wei_per_wh)


def _order(view: QuoteView, side: Side, energy_wh: float, price: int) -> list[Order]:
    whole_wh = int(energy_wh + 1e-6)
    return [Order(view.trader, side, whole_wh, price)] if whole_wh > 0 else []


def _inside(price: float, tariff: Tariff) -> int:
    return int(min(max(price, tariff.floor_wei_per_wh), tariff.retail_wei_per_wh))
