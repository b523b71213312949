"""Whether what households pay in lasts for the run."""

from __future__ import annotations

import math

import numpy as np

from p2p_cosim.core.types import FloatArray
from p2p_cosim.core.units import eur_per_kwh_of
from p2p_cosim.scenario import Scenario, tariffs_of
from p2p_cosim.scenario.profiles import Profiles


def deposits_that_end(scenario: Scenario, profiles: Profiles) -> str | None:
    """A sentence if a household spends its deposit before the run or the time to the next bill
    ends, when it buys everything at the retail price and sells everything at the feed-in tariff;
    what batteries, cars and other devices take is not counted. None if all deposits last.

    A household with a debt cannot bid, so that a market in which deposits end falls asleep.
    """
    clock, tariff = scenario.clock, scenario.tariff
    net_kwh = (profiles.load_kw - profiles.pv_kw) * (clock.interval_min / 60)
    told = [(each.retail_wei_per_wh, each.feed_in_wei_per_wh) for each in tariffs_of(scenario)]
    eur_per_kwh = eur_per_kwh_of(1, tariff.eur_per_ether) * np.array(told, dtype=float)
    eur_per_kwh = eur_per_kwh.round(9)  # a wei is less, and 0.3 is 0.3 again
    price = np.where(net_kwh > 0, eur_per_kwh[:, :1], eur_per_kwh[:, 1:])
    between = scenario.market.ticks_between_bills(clock.interval_min) or clock.ticks
    spent_eur = _spent_eur(net_kwh * price, between)
    deposit_eur = scenario.market.deposit_eur
    over = spent_eur > _filled_eur(spent_eur, deposit_eur, between)
    ends = np.asarray(over.any(axis=0))
    if not ends.any():
        return None
    per_day = 24 * 60 / clock.interval_min
    first_days = int(over.argmax(axis=0)[ends].min()) / per_day
    end = f"the {clock.ticks / per_day:.1f} days are over"
    if between < clock.ticks:
        end = f"a bill fills it again ({scenario.market.bill_every_days} days)"
    return (
        f"{int(ends.sum())} of {ends.size} households would spend their deposit of "
        f"{deposit_eur:g} EUR at the tariff's prices before {end}, the first after "
        f"{first_days:.1f} days, and who has a debt cannot bid: raise "
        f"market.deposit_eur to {math.ceil(spent_eur.max())}"
    )


def _spent_eur(costs_eur: FloatArray, between: int) -> FloatArray:
    """What is spent since the start or the last bill, by the end of each tick; (ticks, houses)."""
    parts = [costs_eur[i : i + between] for i in range(0, len(costs_eur), between)]
    return np.concatenate([np.cumsum(part, axis=0) for part in parts])


def _filled_eur(spent_eur: FloatArray, deposit_eur: float, between: int) -> FloatArray:
    """What the account was filled up to, as `market.Billing` does; (ticks, houses)."""
    filled = np.full_like(spent_eur, deposit_eur)
    for begin in range(between, len(spent_eur), between):
        filled[begin : begin + between] = np.maximum(deposit_eur, spent_eur[begin - 1])
    return filled
