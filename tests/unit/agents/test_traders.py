from dataclasses import replace
from datetime import datetime

import mesa
import numpy as np
import pytest

from p2p_cosim.agents import Household, HouseholdPlan, Trader, TraderPlan
from p2p_cosim.core.clock import Clock
from p2p_cosim.core.types import Account, Expected, Order, Outcome, Side, Tariff
from p2p_cosim.forecasts import NoisyTruth
from p2p_cosim.houses import BackupBattery, House, Inverter, Load, PVArray
from p2p_cosim.strategies import Truthful

TARIFF = Tariff(retail_wei_per_wh=120, feed_in_wei_per_wh=32)
TARIFFS = (TARIFF,) * 4
CLOCK = Clock(datetime(2026, 6, 21), 900, 4)
RICH = Account(balance_wei=10**9, open_wei=0, energy_wh=0)


class Recording:
    """A strategy that keeps what it was shown and returns what it was given."""

    def __init__(self, *orders):
        self.orders, self.views = orders, []

    def quote(self, view, rng):
        self.views.append(view)
        return self.orders


def plan(strategy, load_kw, pv_kw, forecast_error=0.0):
    load_kw, pv_kw = np.array(load_kw), np.array(pv_kw)
    forecaster = NoisyTruth(load_kw, pv_kw, forecast_error, np.random.default_rng(5))
    return TraderPlan("house_1", forecaster, strategy, np.random.default_rng(6))


def trader(strategy, load_kw=(2.0, 0.0, 0.0, 0.0), pv_kw=(0.0, 2.0, 0.0, 0.0)):
    return Trader(mesa.Model(seed=0), plan(strategy, load_kw, pv_kw), TARIFFS, CLOCK)


def test_a_trader_shows_its_strategy_only_what_it_may_know():
    strategy = Recording()
    trader(strategy).quote(1, Account(70, -9, 5), last_price_wei_per_wh=55)
    (view,) = strategy.views
    assert (view.trader, view.tick, view.forecast_wh) == ("house_1", 1, -500)
    assert (view.last_price_wei_per_wh, view.balance_wei, view.debt_wei) == (55, 70, 9)


class Copycat:
    """A forecaster that expects what was, and keeps what it was shown."""

    def __init__(self):
        self.views = []

    def expect(self, view):
        self.views.append(view)
        last = np.array([1.0, 0.0]) if view.tick == 0 else (view.past_load_kw, view.past_pv_kw)
        return Expected(*(np.full(view.horizon, np.atleast_1d(x)[-1]) for x in last))


def test_a_forecaster_sees_the_past_that_the_trader_has_observed():
    forecaster = Copycat()
    own = TraderPlan("house_1", forecaster, Recording(), np.random.default_rng(0))
    agent = Trader(mesa.Model(seed=0), own, TARIFFS, CLOCK)
    assert agent.forecast(0) == 250
    agent.observe(3.0, 1.0)
    assert agent.forecast(1) == 500
    seen = forecaster.views[1]
    assert (seen.past_load_kw.tolist(), seen.past_pv_kw.tolist()) == ([3.0], [1.0])
    assert (seen.time, seen.interval_s) == (datetime(2026, 6, 21, 0, 15), 900)
    with pytest.raises(ValueError, match="read-only"):
        seen.past_load_kw[0] = 9.0


class Learner(Recording):
    def __init__(self, *orders):
        super().__init__(*orders)
        self.outcomes = []

    def learn(self, outcome):
        self.outcomes.append(outcome)


def test_a_strategy_that_learns_is_told_and_sees_the_outcome_in_its_next_view():
    learner, outcome = Learner(), Outcome(0, (), 55, 10, 550, 12, 2, 240)
    agent = trader(learner)
    agent.quote(0, RICH, None)
    agent.learn(outcome)
    agent.quote(1, RICH, 55)
    assert learner.outcomes == [outcome]
    assert [view.last for view in learner.views] == [None, outcome]
    assert outcome.cost_wei == 790


def test_bids_are_cut_to_what_the_balance_can_escrow():
    bids = (Order("house_1", Side.BID, 10, 7), Order("house_1", Side.BID, 10, 7))
    agent = trader(Recording(*bids))
    assert [o.energy_wh for o in agent.quote(0, Account(100, 0, 0), None)] == [10, 4]
    assert agent.quote(0, Account(6, 0, 0), None) == ()


def test_asks_are_cut_to_what_the_balance_can_cover():
    asks = (Order("house_1", Side.ASK, 10, 113), Order("house_1", Side.ASK, 10, 113))
    agent = trader(Recording(*asks))
    assert [o.energy_wh for o in agent.quote(0, Account(100, 0, 0), None)] == [10, 4]
    dear = Order("house_1", Side.ASK, 10, 120)  # at retail it costs nothing not to deliver
    assert trader(Recording(dear)).quote(0, Account(0, 0, 0), None) == (dear,)


def test_a_debtor_neither_bids_nor_asks():
    orders = (Order("house_1", Side.BID, 10, 0), Order("house_1", Side.ASK, 10, 10**9))
    assert trader(Recording(*orders)).quote(0, Account(0, -1, 0), None) == ()


def test_a_house_quotes_at_its_own_value_and_cost():
    house = House("house_1", [Load(np.array([2.0, 0.0])), Inverter(PVArray(np.array([0.0, 2.0])))])
    own = replace(
        plan(Truthful(), [2.0, 0.0], [0.0, 2.0]),
        value_wei_per_wh=[90] * 2,
        cost_wei_per_wh=[50] * 2,
    )
    agent = Household(mesa.Model(seed=0), HouseholdPlan(own, house), TARIFFS, CLOCK)
    quoted = [agent.quote(tick, Account(10**9, 0, 0), None)[0] for tick in (0, 1)]
    assert [(o.side, o.price_wei_per_wh) for o in quoted] == [(Side.BID, 90), (Side.ASK, 50)]


def test_a_household_offers_what_its_pv_gives_beyond_its_load_and_knows_its_devices():
    load_kw, pv_kw = np.array([1.0, 1.0]), np.array([0.0, 4.0])
    strategy = Recording(Order("house_1", Side.ASK, 750, 9))
    battery = BackupBattery(5000, 3.0, 1200.0)
    house = House("house_1", [Load(load_kw), Inverter(PVArray(pv_kw)), battery])
    agent = Household(
        mesa.Model(seed=0), HouseholdPlan(plan(strategy, load_kw, pv_kw), house), TARIFFS, CLOCK
    )
    assert agent.quote(1, Account(70, -9, 5), None) == ()  # with a debt
    (view,) = strategy.views
    assert view.forecast_wh == 0  # 3 kW of surplus into the battery
    assert (view.own.balance_wei, view.own.debt_wei, view.own.energy_wh) == (70, 9, 5)
    assert [(d.kind, d.stored_wh) for d in view.own.devices] == [
        ("load", None),
        ("pv", None),
        ("battery", 1200.0),
    ]
    assert view.own.stored_wh == 1200.0
