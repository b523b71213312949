"""Whether what households pay in lasts for the run."""

from __future__ import annotations

import math

import numpy as np

from p2p_cosim.scenario import Scenario
from p2p_cosim.scenario.profiles import Profiles


def deposits_that_end(scenario: Scenario, profiles: Profiles) -> str | None:
    """A sentence if a household spends its deposit before the run ends, when it buys everything
    at the retail price and sells everything at the feed-in tariff; what batteries, cars and other
    devices take is not counted. None if all deposits last.

    A household with a debt cannot bid, so that a market in which deposits end falls asleep.
    """
    clock, tariff = scenario.clock, scenario.tariff
    net_kwh = (profiles.load_kw - profiles.pv_kw) * (clock.interval_min / 60)
    price = np.where(net_kwh > 0, tariff.retail_eur_per_kwh, tariff.feed_in_eur_per_kwh)
    spent_eur = np.cumsum(net_kwh * price, axis=0)  # (ticks, houses)
    deposit_eur = scenario.market.deposit_eur
    over = spent_eur > deposit_eur
    ends = np.asarray(over.any(axis=0))
    if not ends.any():
        return None
    per_day = 24 * 60 / clock.interval_min
    first_days = int(over.argmax(axis=0)[ends].min()) / per_day
    return (
        f"{int(ends.sum())} of {ends.size} households would spend their deposit of "
        f"{deposit_eur:g} EUR at the tariff's prices before the {clock.ticks / per_day:.1f} days "
        f"are over, the first after {first_days:.1f} days, and who has a debt cannot bid: raise "
        f"market.deposit_eur to {math.ceil(spent_eur.max())}"
    )
