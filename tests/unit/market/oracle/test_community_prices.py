"""Rules that share a community's bill: worked cases, balance with the utility, who loses."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2p_cosim.core.types import Tariff
from p2p_cosim.market.oracle.baselines import (
    COMMUNITY_RULES,
    bill_sharing,
    bill_sharing_over,
    mid_market_rate,
    supply_demand_ratio,
    tariff_only,
)

TARIFF = Tariff(retail_wei_per_wh=30, feed_in_wei_per_wh=10)
some = settings(max_examples=60, deadline=None)
tariffs = st.tuples(st.integers(0, 400), st.integers(0, 400)).map(
    lambda both: Tariff(max(both), min(both))
)
communities = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(-3_000, 3_000))


def flows(net_wh):
    """Demand and supply of a community."""
    return (
        sum(wh for wh in net_wh.values() if wh > 0),
        -sum(wh for wh in net_wh.values() if wh < 0),
    )


def test_the_mid_market_rate_mixes_on_the_long_side_alone():
    short = mid_market_rate(400, 100, TARIFF)
    assert (short.buy, short.sell) == (Fraction(100 * 20 + 300 * 30, 400), 20)
    long = mid_market_rate(100, 400, TARIFF)
    assert (long.buy, long.sell) == (20, Fraction(100 * 20 + 300 * 10, 400))
    assert mid_market_rate(100, 100, TARIFF).buy == mid_market_rate(100, 100, TARIFF).sell == 20


def test_the_supply_demand_ratio_falls_from_retail_to_feed_in():
    half = supply_demand_ratio(200, 100, TARIFF)
    assert half.sell == Fraction(30 * 10, 20 // 2 + 10) == 15
    assert half.buy == 15 * Fraction(1, 2) + 30 * Fraction(1, 2)
    curve = [supply_demand_ratio(100, supply, TARIFF) for supply in range(0, 130, 10)]
    assert (curve[0].buy, curve[0].sell) == (30, 30)
    assert all((p.buy, p.sell) == (10, 10) for p in curve[10:])
    assert all(a.sell > b.sell and a.buy > b.buy for a, b in pairwise(curve[:11]))


def test_shared_energy_is_free_under_bill_sharing():
    short = bill_sharing(400, 100, TARIFF)
    assert (short.buy, short.sell) == (Fraction(300 * 30, 400), 0)
    # Over a day, what was exported at noon earns although the evening imports.
    day = bill_sharing_over([(400, 100), (100, 200)], TARIFF)
    assert (day.buy, day.sell) == (Fraction(300 * 30, 500), Fraction(100 * 10, 300))


@some
@pytest.mark.parametrize("rule", COMMUNITY_RULES.values(), ids=COMMUNITY_RULES)
@given(net_wh=communities, tariff=tariffs)
def test_bills_add_up_to_what_the_utility_is_owed(rule, net_wh, tariff):
    """Strong budget balance, the utility included. Alone, everybody deals with it separately."""
    demand_wh, supply_wh = flows(net_wh)
    if rule is tariff_only:
        owed = demand_wh * tariff.retail_wei_per_wh - supply_wh * tariff.feed_in_wei_per_wh
    else:
        owed = max(0, demand_wh - supply_wh) * tariff.retail_wei_per_wh
        owed -= max(0, supply_wh - demand_wh) * tariff.feed_in_wei_per_wh
    assert sum(rule(demand_wh, supply_wh, tariff).bills_wei(net_wh).values()) == owed


@some
@pytest.mark.parametrize("rule", [mid_market_rate, supply_demand_ratio, tariff_only])
@given(net_wh=communities, tariff=tariffs)
def test_nobody_pays_more_than_at_the_tariff(rule, net_wh, tariff):
    alone = tariff_only(*flows(net_wh), tariff).bills_wei(net_wh)
    for member, bill_wei in rule(*flows(net_wh), tariff).bills_wei(net_wh).items():
        assert bill_wei <= alone[member]


def test_bill_sharing_is_worse_than_the_tariff_for_sellers():
    net_wh = {"house": 400, "roof": -100}
    bills = bill_sharing(*flows(net_wh), TARIFF).bills_wei(net_wh)
    assert bills == {"house": 9_000, "roof": 0}  # alone: 12,000 and -1,000


@some
@given(net_wh=communities, tariff=tariffs)
def test_bill_sharing_never_costs_a_buyer_more_and_never_earns_a_seller_more(net_wh, tariff):
    prices = bill_sharing(*flows(net_wh), tariff)
    assert prices.buy <= tariff.retail_wei_per_wh
    assert prices.sell <= tariff.feed_in_wei_per_wh
