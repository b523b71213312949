"""Strategies of houses that store: the rule, the linear program, and what is offered of it."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from p2p_cosim.core.types import (
    Order,
    Outcome,
    Outlook,
    OwnState,
    Placement,
    QuoteView,
    Side,
    Tariff,
)
from p2p_cosim.houses import Battery, ElectricVehicle
from p2p_cosim.strategies import OptOut, Predictive, SelfConsumption
from p2p_cosim.strategies.storage_program import best_plan
from p2p_cosim.testing import check_strategy

RETAIL, FEED_IN = 120_000, 32_000
TARIFF = Tariff(RETAIL, FEED_IN)
HOUR = 3600
RNG = np.random.default_rng(0)


def battery(**changes):
    return Battery(**{"energy_wh": 10_000, "power_kw": 5, "stored_wh": 4_000} | changes)


def car(hours=24, stored_wh=30_000):
    plugged = np.ones(hours + 1, dtype=bool)
    plugged[6:12] = False
    return ElectricVehicle(
        plugged=plugged,
        driving_kw=np.where(plugged, 0.0, 1.0),
        interval_s=HOUR,
        energy_wh=50_000,
        power_kw=7,
        required_wh=40_000,
        stored_wh=stored_wh,
    )


def view(net_kw, *devices, tick=0):
    net_kw = np.atleast_1d(np.asarray(net_kw, dtype=float))
    stores = tuple(device.outlook(len(net_kw), HOUR) for device in devices)
    return QuoteView(
        "house_1",
        tick,
        int(net_kw[0] * 1000),
        TARIFF,
        None,
        OwnState(10**18),
        outlook=Outlook(HOUR, net_kw, stores),
    )


def test_whoever_opts_out_gives_no_order():
    assert OptOut().quote(view(2.0), RNG) == ()


def test_the_rule_covers_the_need_and_offers_what_is_above_its_reserve_at_what_refilling_costs():
    (ask,) = SelfConsumption(0.2).quote(view(1.0, battery(stored_wh=5_000)), RNG)
    cost = int(FEED_IN / 0.95**2)
    assert ask == Order("house_1", Side.ASK, int(0.95 * 3_000 - 1_000), cost)
    (dear,) = SelfConsumption(0.2).quote(view(1.0, battery(wear_wei_per_wh=7)), RNG)
    assert dear.price_wei_per_wh == cost + 7
    assert SelfConsumption(0.5).quote(view(1.0, battery()), RNG) == []


def test_the_rule_bids_what_the_battery_lacks_and_sells_what_does_not_fit():
    assert SelfConsumption().quote(view(6.0, battery(stored_wh=1_000)), RNG) == [
        Order("house_1", Side.BID, 5_050, RETAIL)
    ]
    full = battery(stored_wh=9_050)
    assert SelfConsumption().quote(view(-3.0, full), RNG) == [
        Order("house_1", Side.ASK, 2_000, FEED_IN)
    ]
    assert SelfConsumption().quote(view(-3.0, battery()), RNG) == []


def test_a_car_keeps_what_its_owner_wants():
    rich = view(1.0, battery(stored_wh=2_900), car())
    assert all(o.side is Side.BID for o in SelfConsumption().quote(view(6.0, car()), RNG))
    assert sum(o.energy_wh for o in SelfConsumption(0.0).quote(rich, RNG)) == int(
        0.95 * 2900 - 1000
    )


def test_a_car_with_more_to_spare_than_its_house_needs_offers_the_rest():
    (ask,) = SelfConsumption(0.0).quote(view(1.0, car(stored_wh=42_000)), RNG)
    spare_wh = 0.92 * 2_000 - 1_000
    assert ask == Order("house_1", Side.ASK, int(spare_wh), int(FEED_IN / 0.92**2))
    (bid,) = SelfConsumption(0.0).quote(view(3.0, car(stored_wh=42_000)), RNG)
    assert bid == Order("house_1", Side.BID, 3_000, RETAIL)


@pytest.mark.parametrize("make", [SelfConsumption, lambda: Predictive(HOUR)])
def test_conform_with_stores(make):
    net = np.sin(np.arange(24.0)) * 2
    cases = {"need": view(net + 2, battery(), car()), "surplus": view(net - 2, battery(), car())}
    check_strategy(
        make, cases | {"no store": view(net), "empty": view(net, battery(stored_wh=0.0))}
    )


prices = st.lists(st.integers(FEED_IN, RETAIL), min_size=6, max_size=6).map(np.array)
nets = st.lists(st.floats(-5_000, 5_000), min_size=6, max_size=6).map(np.array)


@settings(max_examples=40)
@given(prices, nets, st.floats(0, 10_000))
def test_a_plan_balances_every_interval_and_keeps_every_limit(buy, net_wh, stored_wh):
    mine = battery(stored_wh=stored_wh, wear_wei_per_wh=1000)
    plan = best_plan(net_wh, [mine.outlook(6, HOUR)], HOUR, buy, buy * 0.5, FEED_IN)
    drawn, given_wh, stored = plan.drawn_wh[0], plan.given_wh[0], plan.stored_wh[0]
    assert plan.bought_wh - plan.sold_wh - drawn + given_wh == pytest.approx(net_wh, abs=1e-4)
    before = np.concatenate([[stored_wh], stored[:-1]])
    assert stored - before == pytest.approx(0.95 * drawn - given_wh / 0.95, abs=1e-4)
    assert stored.min() > -1e-4
    assert stored.max() < 10_000 + 1e-4
    assert max(drawn.max(), given_wh.max()) < 5_000 + 1e-4
    idle = float(np.sum(np.where(net_wh > 0, buy, buy * 0.5) * net_wh))
    assert plan.cost <= idle - FEED_IN * 0.95 * stored_wh + 1e-3


def test_a_plan_is_the_best_of_all_that_one_number_can_say():
    """Two intervals, energy dear in the second: the oracle searches the one free decision."""
    mine, buy, sell = battery(stored_wh=0.0), np.array([40_000.0, 120_000.0]), np.zeros(2)
    net_wh = np.array([0.0, 3_000.0])

    def cost(drawn_wh):
        given_wh = min(0.95**2 * drawn_wh, 3_000.0)
        return buy[0] * drawn_wh + buy[1] * (3_000 - given_wh)

    best = minimize_scalar(cost, bounds=(0, 5_000), method="bounded", options={"xatol": 1e-6})
    plan = best_plan(net_wh, [mine.outlook(2, HOUR)], HOUR, buy, sell, 0.0)
    assert plan.cost == pytest.approx(best.fun, rel=1e-6)
    assert plan.drawn_wh[0, 0] == pytest.approx(best.x, rel=1e-4)


def test_the_value_of_a_stored_wh_is_what_one_more_saves():
    net_wh = np.array([500.0, 1_000.0, 2_000.0, 4_000.0])
    buy = np.array([60_000.0, 50_000.0, 90_000.0, 120_000.0])

    def plan(stored_wh):
        store = battery(stored_wh=stored_wh).outlook(4, HOUR)
        return best_plan(net_wh, [store], HOUR, buy, buy / 2, FEED_IN)

    saved = plan(1_000.0).cost - plan(1_001.0).cost
    assert plan(1_000.0).value[0] == pytest.approx(saved, rel=1e-6)


def test_a_car_is_charged_when_it_leaves_and_the_plan_says_so():
    store = car().outlook(24, HOUR)
    plan = best_plan(np.zeros(24), [store], HOUR, np.full(24, 1e5), np.full(24, 3e4), 5e4)
    assert plan.stored_wh[0, 5] >= 40_000 - 1e-6
    assert plan.drawn_wh[0, 6:12] == pytest.approx(0.0)


def test_it_learns_what_an_hour_is_worth_and_offers_when_it_is_worth_most():
    mine = Predictive(HOUR)
    for tick in range(24):
        mine.quote(view(np.full(24, 0.5), battery(), tick=tick), RNG)
        price = 110_000 if tick == 18 else None
        ask = Order("house_1", Side.ASK, 100, FEED_IN)
        mine.learn(Outcome(tick, (Placement(ask, 0, "", 100 if price else 0),), price))
    stored = battery(stored_wh=9_000)
    need = np.full(12, 0.1)
    asked = {
        tick: sum(o.energy_wh for o in mine.quote(view(need, stored, tick=tick), RNG))
        for tick in (24 + 12, 24 + 18)
    }
    assert asked[24 + 18] > asked[24 + 12]


def test_a_decision_takes_less_than_20_ms():
    mine = Predictive(900)
    net = np.sin(np.arange(96) / 15) * 2
    pricing = view(net, battery())
    mine.quote(pricing, RNG)
    took = []
    for _ in range(15):
        began = time.process_time()
        mine.quote(pricing, RNG)
        took.append(time.process_time() - began)
    assert min(took) < 0.02
