from datetime import datetime

import mesa
import numpy as np
import pytest

from p2p_cosim.agents import Household, HouseholdPlan, Trader, TraderPlan
from p2p_cosim.core.clock import Clock
from p2p_cosim.core.types import Account, Order, Side, Tariff
from p2p_cosim.houses import House, Inverter, Load, PVArray
from p2p_cosim.strategies import FixedPrice

TARIFF = Tariff(retail_wei_per_wh=120, feed_in_wei_per_wh=32)
CLOCK = Clock(datetime(2026, 6, 21), 900, 4)
RICH = Account(balance_wei=10**9, open_wei=0, energy_wh=0)


class Recording:
    """A strategy that keeps what it was shown and returns what it was given."""

    def __init__(self, *orders):
        self.orders, self.views = orders, []

    def quote(self, view, rng):
        self.views.append(view)
        return self.orders


def trader(strategy, net_kw=(2.0, -2.0, 0.0, 0.0), forecast_error=0.0):
    plan = TraderPlan(
        "house_1", np.array(net_kw), forecast_error, strategy, np.random.default_rng(5)
    )
    return Trader(mesa.Model(seed=0), plan, TARIFF, CLOCK.interval_s)


def test_a_trader_shows_its_strategy_only_what_it_may_know():
    strategy = Recording()
    trader(strategy).quote(1, Account(70, -9, 5), last_price_wei_per_wh=55)
    (view,) = strategy.views
    assert (view.trader, view.tick, view.forecast_wh) == ("house_1", 1, -500)
    assert (view.last_price_wei_per_wh, view.balance_wei, view.debt_wei) == (55, 70, 9)


def test_the_forecast_errs_with_the_given_spread():
    agent = trader(Recording(), net_kw=[4.0] * 4, forecast_error=0.1)
    forecasts_wh = np.array(
        [(agent.quote(i % 4, RICH, None), agent.forecast_wh)[1] for i in range(4000)]
    )
    assert forecasts_wh.mean() == pytest.approx(1000, abs=5)
    assert forecasts_wh.std() == pytest.approx(100, rel=0.05)


def test_bids_are_cut_to_what_the_balance_can_escrow():
    bids = (Order("house_1", Side.BID, 10, 7), Order("house_1", Side.BID, 10, 7))
    agent = trader(Recording(*bids))
    assert [o.energy_wh for o in agent.quote(0, Account(100, 0, 0), None)] == [10, 4]
    assert agent.quote(0, Account(6, 0, 0), None) == ()


def test_a_debtor_does_not_bid_but_may_sell():
    orders = (Order("house_1", Side.BID, 10, 7), Order("house_1", Side.ASK, 10, 7))
    kept = trader(Recording(*orders)).quote(0, Account(0, -1, 0), None)
    assert [order.side for order in kept] == [Side.ASK]


def test_a_household_offers_what_its_pv_gives_beyond_its_load():
    load_kw, pv_kw = np.array([1.0, 1.0]), np.array([0.0, 4.0])
    plan = HouseholdPlan(
        TraderPlan("house_1", load_kw - pv_kw, 0.0, FixedPrice(9, 9), np.random.default_rng(0)),
        House("house_1", [Load(load_kw), Inverter(PVArray(pv_kw))]),
    )
    house = Household(mesa.Model(seed=0), plan, TARIFF, 900)
    assert house.quote(1, RICH, None) == (Order("house_1", Side.ASK, 750, 9),)
