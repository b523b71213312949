"""A rule for houses that store: first themselves, then the market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.types import Flexibility, Order, Outlook, QuoteView, Side, Tariff
from p2p_cosim.core.units import energy_wh_down

NO_STORES = Outlook(1, np.zeros(1))


@dataclass(frozen=True, slots=True)
class SelfConsumption:
    """Covers its need from its battery and fills it with its surplus. It bids its value,
    by default the retail tariff, for what is still missing and asks its cost, by default the
    feed-in tariff, for what does not fit.

    What its stores can give besides, above a reserve, it offers at its opportunity cost: the
    feed-in tariff that the surplus would have earned which will fill the store again, losses
    included, and the wear. A car keeps what its owner wants in it, if that is more. A house whose
    car can spare more than the house needs offers the rest, and the car gives both if that sells;
    if not, the need is bought from the utility.

    reserve_share: part of what a store holds when full that it does not offer.
    """

    reserve_share: float = 0.2
    horizon: int = 1

    def quote(self, view: QuoteView, rng: np.random.Generator) -> Sequence[Order]:  # noqa: ARG002
        """At most one order for its net energy, or one for each store that has some to spare."""
        outlook = view.outlook or NO_STORES
        stores, interval_s = outlook.stores, outlook.interval_s
        own = [store for store in stores if store.works_unasked]
        if view.forecast_wh <= 0:
            takes_wh = sum(takeable_wh(store, interval_s) for store in own)
            over_wh = -view.forecast_wh - takes_wh
            return _orders(view, Side.ASK, over_wh, view.cost_wei_per_wh)
        need_wh = float(view.forecast_wh)
        spare_wh = []
        for store in stores:
            gives_wh = giveable_wh(store, interval_s)
            used_wh = min(need_wh, gives_wh) if store.works_unasked else 0.0
            need_wh -= used_wh
            kept_wh = max(store.kept_wh, self.reserve_share * float(store.most_wh[0]))
            above_wh = store.discharge_efficiency * (store.stored_wh - kept_wh)
            spare_wh.append(max(0.0, min(gives_wh, above_wh) - used_wh))
        if need_wh >= 1 and need_wh >= sum(spare_wh):
            return _orders(view, Side.BID, need_wh, view.value_wei_per_wh)
        offers = []
        for store, spare in zip(stores, spare_wh, strict=True):
            own_wh = min(need_wh, spare)
            need_wh -= own_wh
            cost = opportunity_cost(store, view.tariff)
            offers += _orders(view, Side.ASK, spare - own_wh, cost)
        return offers


def giveable_wh(store: Flexibility, interval_s: int) -> float:
    """The most that a store can give in the coming interval."""
    power_wh = energy_wh_down(max(0.0, -float(store.least_kw[0])), interval_s)
    held_wh = store.stored_wh - float(store.least_wh[0])
    return max(0.0, min(power_wh, store.discharge_efficiency * held_wh))


def takeable_wh(store: Flexibility, interval_s: int) -> float:
    """The most that a store can take in the coming interval."""
    power_wh = energy_wh_down(max(0.0, float(store.most_kw[0])), interval_s)
    room_wh = float(store.most_wh[0]) - store.stored_wh
    return max(0.0, min(power_wh, room_wh / store.charge_efficiency))


def opportunity_cost(store: Flexibility, tariff: Tariff) -> int:
    """Of a Wh that a store gives, in wei: what fills it again would have been fed in."""
    cycle = store.charge_efficiency * store.discharge_efficiency
    return int(tariff.floor_wei_per_wh / cycle) + store.wear_wei_per_wh


def _orders(view: QuoteView, side: Side, energy_wh: float, price: int) -> list[Order]:
    whole_wh = int(energy_wh)  # rounded down: nobody offers more than there is
    return [Order(view.trader, side, whole_wh, price)] if whole_wh > 0 else []
