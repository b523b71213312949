"""A household that lost its supply: what it is told and orders."""

from datetime import datetime

import mesa
import numpy as np
import pytest

from p2p_cosim.agents import (
    AtHome,
    Household,
    HouseholdPlan,
    TraderPlan,
    backup_offer,
    tell_outages,
)
from p2p_cosim.backup import Known
from p2p_cosim.core.clock import Clock
from p2p_cosim.core.types import (
    Account,
    Alarm,
    Feed,
    HouseSite,
    MeterView,
    Order,
    Side,
    Tariff,
)
from p2p_cosim.forecasts import NoisyTruth
from p2p_cosim.houses import BackupBattery, House, Inverter, Load, PVArray, Tie
from p2p_cosim.strategies import FixedPrice

CLOCK = Clock(datetime(2026, 6, 21), 900, 4)
RICH = Account(balance_wei=10**9, open_wei=0, energy_wh=0)
BID = FixedPrice(300, 300)
LOAD_KW, PV_KW = (4.0, 4.0, 8.0, 4.0), (1.0, 9.0, 0.0, 0.0)


def household(tie=None, battery=None, essential_share=0.5, forecast_error=0.0):
    load_kw, pv_kw = np.array(LOAD_KW), np.array(PV_KW)
    forecaster = NoisyTruth(load_kw, pv_kw, forecast_error, np.random.default_rng(5))
    plan = TraderPlan("house_1", forecaster, FixedPrice(100, 50), np.random.default_rng(6))
    devices = [Load(load_kw, 0.25, essential_share), Inverter(PVArray(pv_kw))]
    house = House("house_1", [*devices, battery] if battery else devices, tie)
    agent = HouseholdPlan(plan, house, backup=BID)
    return Household(mesa.Model(seed=0), agent, (Tariff(120, 32),) * CLOCK.ticks, CLOCK)


TIE = Tie(3.0, "service_2")
FULL = BackupBattery(energy_wh=5000, power_kw=3, stored_wh=5000)
EMPTY = BackupBattery(energy_wh=5000, power_kw=3, stored_wh=0)


def test_before_it_is_told_it_orders_as_ever():
    agent = household(TIE)
    assert agent.quote(0, RICH, None) == (Order("house_1", Side.BID, 750, 100),)
    assert agent.quote(1, RICH, None) == (Order("house_1", Side.ASK, 1250, 50),)


def test_told_it_bids_for_its_essential_load_up_to_what_the_tie_carries():
    agent = household(TIE)
    agent.tell(outage=True)
    # Its PV is off: half of 4 kW over a quarter of an hour, then 3 kW of the 4 that it needs.
    assert agent.quote(1, RICH, None) == (Order("house_1", Side.BID, 500, 300),)
    assert agent.quote(2, RICH, None) == (Order("house_1", Side.BID, 750, 300),)


def test_it_bids_no_more_than_its_balance_covers():
    agent = household(TIE)
    agent.tell(outage=True)
    assert agent.quote(1, Account(3000, 0, 0), None) == (Order("house_1", Side.BID, 10, 300),)
    assert agent.quote(1, Account(3000, -1, 0), None) == ()


@pytest.mark.parametrize("battery", [None, FULL])
def test_told_it_stays_out_of_the_market_without_a_tie(battery):
    agent = household(battery=battery)
    agent.tell(outage=True)
    assert agent.quote(1, RICH, None) == ()
    assert agent.forecast_wh == 0


def test_a_forecast_asked_for_early_is_the_one_it_quotes_by():
    early, late = (household(forecast_error=0.2) for _ in range(2))
    published = [early.forecast(tick) for tick in range(4)]
    for tick in range(4):
        late.quote(tick, RICH, None)
        assert late.forecast_wh == published[tick]
    early.quote(3, RICH, None)
    assert early.forecast_wh == published[3]


def test_with_supply_it_orders_what_charges_its_battery():
    agent = household(battery=EMPTY)
    agent.tell(outage=True)
    agent.tell(outage=False)
    # 4 kW of load and 3 kW into the battery.
    assert agent.quote(3, RICH, None)[0].energy_wh == 1750


SITES = tuple(HouseSite(f"house_{n}", "675", "B", f"service_{n}") for n in (1, 2))
ALARM = (Alarm(0, "house_outage", "house_1", "test"),)


def meters(v_pu, on_tie=()):
    """Of house_1 at this voltage, and of a healthy house_2."""
    v = np.array([v_pu, 1.0])
    return MeterView(0, SITES, v, v * 0, v * 0, on_tie=frozenset(on_tie))


def told(agent, v_pu, alarms=(), on_tie=()):
    """Whether the house learns something new, and what it knows afterwards."""
    healthy = household()
    seen = AtHome(SITES, np.array([v_pu, 1.0]), frozenset(on_tie))
    new = tell_outages([agent, healthy], seen, alarms)
    assert not healthy.outage
    return new == [agent], agent.outage


def test_an_alarm_tells_a_dark_house_once_and_its_own_drop_tells_it_the_end():
    agent = household(TIE)
    assert told(agent, 0.0) == (False, False)  # dark, and nobody noticed yet
    assert told(agent, 0.0, ALARM) == (True, True)
    assert told(agent, 0.0, ALARM) == (False, True)
    assert told(agent, 1.0, on_tie=["house_1"]) == (False, True)
    assert told(agent, 1.0) == (False, False)


def test_an_alarm_tells_a_house_with_a_voltage_nothing():
    assert told(household(), 1.0, ALARM) == (False, False)


@pytest.mark.parametrize(
    ("tie", "battery", "path", "sellers"),
    [
        (TIE, None, Feed.TIE, ["house_2"]),
        (None, FULL, Feed.BATTERY, []),
        (None, EMPTY, Feed.NONE, []),
        (None, None, Feed.NONE, []),
    ],
    ids=["tie", "battery", "empty battery", "nothing"],
)
def test_the_offer_says_what_can_feed_the_house(tie, battery, path, sellers):
    ties = {"house_1": "service_2"} if tie else {}
    known = Known(meters(0.0), (), {"house_1": 0, "house_2": -400}, ties)
    offer = backup_offer(0, household(tie, battery), known)
    assert (offer.path, [seller.name for seller in offer.sellers]) == (path, sellers)
