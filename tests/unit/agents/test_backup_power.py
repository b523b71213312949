"""A household that lost its supply: what it orders, draws, sheds and stores."""

from datetime import datetime

import mesa
import numpy as np
import pytest

from p2p_cosim.agents import (
    Household,
    HouseholdPlan,
    TraderPlan,
    backup_offer,
    tell_outages,
)
from p2p_cosim.backup import BackupPlan, Battery, Known, TieFeed
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
from p2p_cosim.strategies import FixedPrice

CLOCK = Clock(datetime(2026, 6, 21), 900, 4)
RICH = Account(balance_wei=10**9, open_wei=0, energy_wh=0)
BID = FixedPrice(300, 300)
LOAD_KW, PV_KW = (4.0, 4.0, 8.0, 4.0), (1.0, 9.0, 0.0, 0.0)


def household(feed=None, essential_share=0.5, forecast_error=0.0):
    load_kw, pv_kw = np.array(LOAD_KW), np.array(PV_KW)
    plan = TraderPlan(
        *("house_1", load_kw - pv_kw, forecast_error, FixedPrice(100, 50)),
        np.random.default_rng(5),
    )
    backup = feed and BackupPlan(feed, essential_share, BID)
    house = HouseholdPlan(plan, load_kw, pv_kw, 0.25, backup)
    return Household(mesa.Model(seed=0), house, Tariff(120, 32), CLOCK.interval_s)


def battery(stored_wh=5000.0):
    return Battery(energy_wh=5000, power_kw=3, stored_wh=stored_wh)


def test_before_it_is_told_it_orders_as_ever():
    agent = household(TieFeed(3.0, "service_2"))
    assert agent.quote(0, RICH, None) == (Order("house_1", Side.BID, 750, 100),)
    assert agent.quote(1, RICH, None) == (Order("house_1", Side.ASK, 1250, 50),)


def test_told_it_bids_for_its_essential_load_up_to_what_the_tie_carries():
    agent = household(TieFeed(3.0, "service_2"))
    agent.outage = True
    # Its PV is off: half of 4 kW over a quarter of an hour, then 3 kW of the 4 that it needs.
    assert agent.quote(1, RICH, None) == (Order("house_1", Side.BID, 500, 300),)
    assert agent.quote(2, RICH, None) == (Order("house_1", Side.BID, 750, 300),)


def test_it_bids_no_more_than_its_balance_covers():
    agent = household(TieFeed(3.0, "service_2"))
    agent.outage = True
    assert agent.quote(1, Account(3000, 0, 0), None) == (Order("house_1", Side.BID, 10, 300),)
    assert agent.quote(1, Account(3000, -1, 0), None) == ()


@pytest.mark.parametrize("feed", [None, battery()])
def test_told_it_stays_out_of_the_market_without_a_tie(feed):
    agent = household(feed)
    agent.outage = True
    assert agent.quote(1, RICH, None) == ()
    assert agent.forecast_wh == 0


@pytest.mark.parametrize(
    ("tick", "bought_wh", "p_kw"),
    [(0, 500, 2.0), (0, 400, 1.6), (0, 900, 2.0), (2, 900, 3.0), (0, 0, 0.0), (0, -300, 0.0)],
    ids=["all", "shed", "needs less", "tie's limit", "nothing", "sold"],
)
def test_through_the_tie_flows_what_is_needed_bought_and_carried(tick, bought_wh, p_kw):
    agent = household(TieFeed(3.0, "service_2"))
    assert agent.tie_injection(tick, bought_wh) == pytest.approx((p_kw, p_kw / 4))


def test_a_forecast_asked_for_early_is_the_one_it_quotes_by():
    early, late = (household(forecast_error=0.2) for _ in range(2))
    published = [early.forecast(tick) for tick in range(4)]
    for tick in range(4):
        late.quote(tick, RICH, None)
        assert late.forecast_wh == published[tick]
    early.quote(3, RICH, None)
    assert early.forecast_wh == published[3]


def test_a_battery_carries_the_essential_load_and_charges_when_the_supply_is_back():
    agent = household(battery(stored_wh=600.0))
    agent.outage = True
    # 2 kW for a quarter of an hour, then the 100 Wh left.
    first = agent.behind_the_meter(0, Feed.NONE, 0.0)
    assert (first.feed, first.supplied, first.stored_wh) == (Feed.BATTERY, False, 100)
    assert (first.load_kw, first.pv_kw, first.battery_kw) == (2.0, 0.0, -2.0)
    second = agent.behind_the_meter(1, Feed.NONE, 0.0)
    assert (second.feed, second.load_kw, second.stored_wh) == (Feed.BATTERY, 0.4, 0)
    third = agent.behind_the_meter(2, Feed.NONE, 0.0)
    assert (third.feed, third.load_kw, third.battery_kw) == (Feed.NONE, 0.0, 0.0)
    agent.outage = False
    # 4 kW of load and 3 kW into the battery: it orders both and draws both.
    assert agent.quote(3, RICH, None)[0].energy_wh == 1750
    p_kw, _ = agent.injection(3)
    assert p_kw == 7.0
    back = agent.behind_the_meter(3, Feed.DROP, p_kw)
    assert (back.load_kw, back.battery_kw) == (4.0, 3.0)
    assert back.stored_wh == pytest.approx(750 * 0.9)


@pytest.mark.parametrize("feed", [None, battery(), TieFeed(3.0, "service_2")])
@pytest.mark.parametrize("fed_by", [Feed.DROP, Feed.TIE, Feed.NONE])
def test_what_is_behind_the_meter_adds_up_to_what_it_reads(feed, fed_by):
    agent = household(feed)
    for tick in range(4):
        by_feed = {Feed.DROP: agent.injection(tick)[0], Feed.TIE: 1.5, Feed.NONE: 0.0}
        meter = agent.behind_the_meter(tick, fed_by, by_feed[fed_by])
        net_kw = meter.load_kw - meter.pv_kw + meter.battery_kw
        assert net_kw == pytest.approx(by_feed[fed_by], abs=1e-9)


SITES = tuple(HouseSite(f"house_{n}", "675", "B", f"service_{n}") for n in (1, 2))
ALARM = (Alarm(0, "house_outage", "house_1", "test"),)


def meters(v_pu, on_tie=()):
    """Of house_1 at this voltage, and of a healthy house_2."""
    v = np.array([v_pu, 1.0])
    return MeterView(0, SITES, v, v * 0, v * 0, on_tie=frozenset(on_tie))


def told(agent, view, alarms=()):
    """Whether the house learns something new, and what it knows afterwards."""
    healthy = household()
    new = tell_outages([agent, healthy], view, alarms)
    assert not healthy.outage
    return new == [agent], agent.outage


def test_an_alarm_tells_a_dark_house_once_and_its_own_drop_tells_it_the_end():
    agent = household(TieFeed(3.0, "service_2"))
    assert told(agent, meters(0.0)) == (False, False)  # dark, and nobody noticed yet
    assert told(agent, meters(0.0), ALARM) == (True, True)
    assert told(agent, meters(0.0), ALARM) == (False, True)
    assert told(agent, meters(1.0, on_tie=["house_1"])) == (False, True)
    assert told(agent, meters(1.0)) == (False, False)


def test_an_alarm_tells_a_house_with_a_voltage_nothing():
    assert told(household(), meters(1.0), ALARM) == (False, False)


@pytest.mark.parametrize(
    ("feed", "path", "sellers"),
    [
        (TieFeed(3.0, "service_2"), Feed.TIE, ["house_2"]),
        (battery(), Feed.BATTERY, []),
        (battery(stored_wh=0.0), Feed.NONE, []),
        (None, Feed.NONE, []),
    ],
    ids=["tie", "battery", "empty battery", "nothing"],
)
def test_the_offer_says_what_can_feed_the_house(feed, path, sellers):
    ties = {"house_1": "service_2"} if isinstance(feed, TieFeed) else {}
    known = Known(meters(0.0), (), {"house_1": 0, "house_2": -400}, ties)
    offer = backup_offer(0, household(feed), known)
    assert (offer.path, [seller.name for seller in offer.sellers]) == (path, sellers)
