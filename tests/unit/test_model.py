"""The tick: what happens in which order, and who knows what when."""

from datetime import datetime

import numpy as np
import pytest

from p2p_cosim.agents import HouseholdPlan, TraderPlan
from p2p_cosim.core.clock import Clock
from p2p_cosim.core.errors import ConservationError, DivergenceError
from p2p_cosim.core.types import (
    Account,
    Alarm,
    Clearing,
    Decision,
    Delivery,
    Fault,
    GateClosure,
    GridState,
    HouseSite,
    Ledger,
    Placement,
    Receipt,
    Settlement,
    TapMove,
    Tariff,
    Trade,
)
from p2p_cosim.faults import Schedule
from p2p_cosim.forecasts import NoisyTruth
from p2p_cosim.houses import House, Load
from p2p_cosim.metering import SimulatedMetering
from p2p_cosim.model import Cosim
from p2p_cosim.parts import Parts
from p2p_cosim.strategies import FixedPrice

CLOCK = Clock(datetime(2026, 6, 21), 900, 4)
TARIFF = Tariff(120, 32)
HOUSES = ("house_1", "house_2")
DONE = Receipt(True, 50_000)
RICH_WEI = 10**6  # enough to cover any order here
FAULT = Fault("house_outage", "house_2", start_tick=1, end_tick=3)


class Diary:
    """Market, grid, controller, detector and recorder in one, writing down what is asked."""

    name = "diary"

    def __init__(self):
        self.pages, self.views, self.meters, self.records = [], [], [], []
        self.dark, self.taps = set(), {"reg_a": 9, "reg_b": 6, "reg_c": 9}
        self.houses = tuple(HouseSite(name, "675", "B", "service_1") for name in HOUSES)
        self.spot_loads, self.node_names = (), ("650.A",)
        self.regulators = {"reg_a": "A", "reg_b": "B", "reg_c": "C"}
        self.regulator_sites = {}
        self.rated_elements = ()
        self.energy_wh = dict.fromkeys((*HOUSES, "utility"), 0)
        self.contracted_wh = dict.fromkeys(HOUSES, 0)
        self.balance_wei = dict.fromkeys(self.energy_wh, RICH_WEI)
        self.leak_wei, self.diverge_at, self.price_wei_per_wh = 0, None, 50

    # Market
    def ledger(self):
        accounts = {
            name: Account(self.balance_wei[name], 0, wh) for name, wh in self.energy_wh.items()
        }
        return Ledger(accounts, 0, 3 * RICH_WEI, {"all": 3 * RICH_WEI + self.leak_wei})

    def close_gate(self, orders, timestamp):
        self.pages.append(("gate", timestamp))
        traded_wh = min((order.energy_wh for order in orders), default=0)
        for name, sign in zip(HOUSES, (1, -1), strict=True):
            self.contracted_wh[name] = sign * traded_wh
            self.energy_wh[name] += sign * traded_wh
        trade = Trade("house_1", "house_2", traded_wh, self.price_wei_per_wh + len(self.records))
        self.balance_wei["house_1"] -= trade.payment_wei
        self.balance_wei["house_2"] += trade.payment_wei
        clearing = Clearing(trade.price_wei_per_wh, traded_wh, 0, (trade,))
        placements = tuple(Placement(order, i) for i, order in enumerate(orders))
        return GateClosure(len(self.records), placements, clearing, (("clear", DONE),), 1)

    def settle(self, readings, timestamp):
        self.pages.append(("settle", timestamp))
        settlements = []
        for reading in readings:
            short_wh = reading.metered_wh - self.contracted_wh[reading.trader]
            self.energy_wh[reading.trader] += short_wh
            self.energy_wh["utility"] -= short_wh
            settlements.append(Settlement(reading.trader, 0, reading.metered_wh, short_wh, 0, 0))
        return Delivery(tuple(settlements), (DONE,), self.ledger())

    # Grid
    def dispatch(self, injections):
        self.pages.append(("dispatch", injections.house_p_kw.tolist()))
        self.p_kw = injections.house_p_kw * [name not in self.dark for name in HOUSES]

    def solve(self):
        self.pages.append(("solve",))
        if self.diverge_at == len(self.records):
            raise DivergenceError("675.B", float("nan"))
        on = np.array([name not in self.dark for name in HOUSES], dtype=float)
        total = float(self.p_kw.sum())
        return GridState(
            on * (1 + len(self.records) / 1000),
            self.p_kw,
            self.p_kw * 0,
            np.zeros(0),
            np.ones(1),
            np.array([total, 0.0, 0.0]),
            np.zeros(3),
            0.0,
            tuple(self.taps.values()),
        )

    def set_tap(self, move):
        self.pages.append(("tap", move.regulator, move.tap))
        self.taps[move.regulator] = move.tap

    def apply(self, fault):
        self.pages.append(("apply", fault.place))
        self.dark.add(fault.place)

    def clear(self, fault):
        self.pages.append(("clear", fault.place))
        self.dark.discard(fault.place)

    # Controller, detector, recorder
    def decide(self, view):
        self.views.append(view)
        return Decision((TapMove("reg_b", 5, "because"),) if view.tick == 2 else ())

    def inspect(self, meters):
        self.meters.append(meters)
        return [Alarm(meters.tick, "house_outage", n, "diary") for n in HOUSES if n in self.dark]

    def record(self, record):
        self.records.append(record)

    def write(self, status):
        raise NotImplementedError


def household(name, load_kw):
    load_kw = np.array(load_kw)
    generator = np.random.default_rng(0)
    forecaster = NoisyTruth(load_kw, load_kw * 0, 0.0, generator)
    trader = TraderPlan(name, forecaster, FixedPrice(1, 1), generator)
    return HouseholdPlan(trader, House(name, [Load(load_kw)]))


def model(diary, faults=()):
    return Cosim(
        Parts(
            clock=CLOCK,
            tariffs=(TARIFF,) * 4,
            market=diary,
            grid=diary,
            network=diary,
            controller=diary,
            detector=diary,
            schedule=Schedule(faults),
            recorder=diary,
            households=(
                household("house_1", [0.4, 0.8, 1.2, 1.6]),
                household("house_2", [-0.4, -0.8, -1.2, -1.6]),
            ),
            bulk=(),
            spot_scale=np.ones(4),
            arrival_rng=np.random.default_rng(1),
            model_rng=np.random.default_rng(2),
            metering=SimulatedMetering(diary.houses, tuple(diary.regulators)),
        )
    )


def run(diary, ticks=4, faults=()):
    cosim = model(diary, faults)
    for _ in range(ticks):
        cosim.step()
    return diary.records


def test_tick_0_starts_from_an_initial_solve():
    diary = Diary()
    assert model(diary).last is None
    assert diary.pages == [("dispatch", [0.4, -0.4]), ("solve",)]


def test_a_tick_reads_like_the_design():
    diary = Diary()
    run(diary, ticks=3)
    start = len(diary.pages) - 5
    assert diary.pages[start:] == [
        ("gate", CLOCK.gate_closure_timestamp(2)),
        ("tap", "reg_b", 5),
        ("dispatch", [1.2, -1.2]),
        ("solve",),
        ("settle", CLOCK.delivery_timestamp(2)),
    ]


def test_the_controller_sees_trades_of_this_interval_and_meters_of_the_one_before():
    diary = Diary()
    records = run(diary)
    for tick, view in enumerate(diary.views):
        assert view.tick == tick
        assert view.trades == records[tick].gate.clearing.trades
        assert view.meters.tick == tick - 1
        if tick:
            assert np.array_equal(view.meters.v_pu, records[tick - 1].grid.house_v_pu)
    assert diary.views[3].taps == {"reg_a": 9, "reg_b": 5, "reg_c": 9}


def test_the_detector_sees_meters_of_this_interval_and_its_alarm_leaves_at_its_end():
    diary = Diary()
    records = run(diary, faults=(FAULT,))
    assert [meters.tick for meters in diary.meters] == [0, 1, 2, 3]
    assert [[a.place for a in r.alarms] for r in records] == [[], ["house_2"], ["house_2"], []]


def test_a_fault_strikes_before_delivery_after_the_gate_and_the_meters_show_it():
    diary = Diary()
    records = run(diary, faults=(FAULT,))
    struck = diary.pages.index(("apply", "house_2"))
    assert diary.pages[struck - 1] == ("gate", CLOCK.gate_closure_timestamp(1))
    assert diary.pages[struck + 1][0] == "dispatch"
    dark = records[1]
    assert dark.gate.clearing.energy_wh == 200  # it traded before the fault
    assert {s.trader: s.metered_wh for s in dark.settlements} == {"house_1": 200, "house_2": 0}
    assert [(m.supplied, m.load_kw) for m in dark.meters] == [(True, 0.8), (False, 0.0)]
    assert [r.meters[1].supplied for r in records] == [True, False, False, True]


def test_orders_use_the_forecast_of_the_interval_and_arrive_in_a_drawn_order():
    records = run(Diary())
    assert [{p.order.energy_wh for p in r.gate.placements} for r in records] == [
        {100},
        {200},
        {300},
        {400},
    ]
    first = {r.gate.placements[0].order.trader for r in records}
    assert first == set(HOUSES)  # nobody is always first


def test_a_leak_of_one_wei_stops_the_run_after_the_tick_is_recorded():
    diary = Diary()
    cosim = model(diary)
    cosim.step()
    diary.leak_wei = 1
    with pytest.raises(ConservationError, match="at tick 1: 3000001 != 3000000 wei"):
        cosim.step()
    assert [record.tick for record in diary.records] == [0, 1]


def test_a_divergence_names_its_tick():
    diary = Diary()
    cosim = model(diary)
    cosim.step()
    diary.diverge_at = 1
    with pytest.raises(DivergenceError, match=r"at tick 1: worst node 675\.B"):
        cosim.step()


def test_traders_see_the_last_price_also_if_it_is_0_and_their_own_outcome():
    diary = Diary()
    diary.price_wei_per_wh = 0
    cosim = model(diary)
    views = []
    for household in cosim.households:
        household.strategy = Watching(views)
    cosim.step()
    cosim.step()
    assert [view.last_price_wei_per_wh for view in views] == [None, None, 0, 0]
    last = views[2].last
    assert (last.tick, last.contracted_wh, last.price_wei_per_wh) == (0, 100, 0)
    assert last.metered_wh == 100
    assert [placement.order.trader for placement in last.orders] == ["house_1"]


class Watching:
    def __init__(self, views):
        self.views = views

    def quote(self, view, rng):
        self.views.append(view)
        return FixedPrice(1, 1).quote(view, rng)
