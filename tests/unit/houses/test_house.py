"""What a house draws, sheds, stores and curtails, and how its devices add up to its meter."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p_cosim.core.types import Fault, Feed, Power, Step
from p2p_cosim.houses import BackupBattery, Device, House, Inverter, Load, PVArray, Tie

LOAD_KW, PV_KW = np.array([4.0, 4.0, 8.0, 4.0]), np.array([1.0, 9.0, 0.0, 0.0])
TRIP = Fault("inverter_trip", "house_1", 0, 4)


def house(tie=None, battery=None, essential_share=0.5):
    devices = [Load(LOAD_KW, 0.25, essential_share), Inverter(PVArray(PV_KW), rating_kva=10)]
    return House("house_1", [*devices, battery] if battery else devices, tie)


def battery(stored_wh=5000.0):
    return BackupBattery(energy_wh=5000, power_kw=3, stored_wh=stored_wh)


def step(tick, seconds=900):
    return Step(tick, seconds)


def test_it_draws_its_load_less_its_pv_which_runs_at_unity_power_factor():
    assert house().draw(step(0)) == Power(3.0, 1.0)
    assert house().draw(step(1)) == Power(-5.0, 1.0)


def test_a_tripped_inverter_gives_nothing_until_every_fault_is_repaired():
    other, home = Fault("inverter_trip", "house_1", 1, 3), house()
    home.strike(TRIP)
    home.strike(other)
    home.repair(other)
    assert home.draw(step(1)).p_kw == 4.0
    home.repair(TRIP)
    assert home.draw(step(1)).p_kw == -5.0


def test_an_inverter_does_what_it_is_told_within_what_the_sun_gives():
    home = house()
    assert home.draw(step(1), Power(-6.0, 2.0)) == Power(-2.0, 3.0)
    assert home.draw(step(1), Power(-20.0)) == Power(-5.0, 1.0)
    flows = home.flows(step(1), Feed.DROP, Power(-2.0, 3.0), Power(-6.0, 2.0))
    assert (flows.load_kw, flows.pv_kw, flows.curtailed_kw) == (4.0, 6.0, 3.0)


@pytest.mark.parametrize(
    ("tick", "bought_kw", "p_kw"),
    [(0, 2.0, 2.0), (0, 1.6, 1.6), (0, 3.6, 2.0), (2, 3.6, 3.0), (0, 0.0, 0.0), (0, -1.2, 0.0)],
    ids=["all", "shed", "needs less", "tie's limit", "nothing", "sold"],
)
def test_through_the_tie_flows_what_is_needed_bought_and_carried(tick, bought_kw, p_kw):
    drawn = house(Tie(3.0, "service_2")).draw_on_tie(step(tick), bought_kw)
    assert (drawn.p_kw, drawn.q_kvar) == pytest.approx((p_kw, p_kw / 4))


def test_a_battery_carries_the_essential_load_and_charges_when_the_supply_is_back():
    home = house(battery=battery(stored_wh=600.0))
    seen = []
    for tick in range(3):
        flows = home.flows(step(tick), Feed.NONE, Power(0.0))
        home.advance(step(tick), flows)
        seen.append((flows.feed, flows.load_kw, flows.pv_kw, flows.battery_kw, home.stored_wh))
    # 2 kW for a quarter of an hour, then the 100 Wh left.
    assert seen == [
        (Feed.BATTERY, 2.0, 0.0, -2.0, 100.0),
        (Feed.BATTERY, 0.4, 0.0, -0.4, 0.0),
        (Feed.NONE, 0.0, 0.0, 0.0, 0.0),
    ]
    drawn = home.draw(step(3))
    back = home.flows(step(3), Feed.DROP, drawn)
    assert (drawn.p_kw, back.load_kw, back.battery_kw) == (7.0, 4.0, 3.0)
    home.advance(step(3), back)
    assert home.stored_wh == back.stored_wh == pytest.approx(750 * 0.9)


def test_asking_moves_nothing():
    home = house(Tie(3.0, "service_2"), battery(stored_wh=600.0))
    before = home.devices
    for feed in Feed:
        home.flows(step(1), feed, home.draw(step(1)), Power(-2.0))
    home.draw_on_tie(step(1), 1.0)
    assert home.devices is before


@pytest.mark.parametrize("stored", [None, battery(), battery(0.0)])
@given(
    tick=st.integers(0, 3),
    feed=st.sampled_from([Feed.DROP, Feed.TIE]),
    p_kw=st.floats(-20, 20),
    q_kvar=st.floats(-5, 5),
    seconds=st.floats(1, 3600),
)
def test_the_devices_sum_to_whatever_passed_the_meter(stored, tick, feed, p_kw, q_kvar, seconds):
    flows = house(battery=stored).flows(step(tick, seconds), feed, Power(p_kw, q_kvar))
    assert sum(flow.p_kw for flow in flows.devices) == pytest.approx(p_kw, abs=1e-6)
    assert sum(flow.q_kvar for flow in flows.devices) == pytest.approx(q_kvar, abs=1e-6)
    assert flows.load_kw - flows.pv_kw + flows.battery_kw == pytest.approx(p_kw, abs=1e-6)


def test_a_house_that_may_not_export_stops_its_inverter():
    flows = house().flows(step(1), Feed.DROP, Power(0.0))
    assert (flows.load_kw, flows.pv_kw) == (0.0, 0.0)


def test_a_load_far_from_nominal_voltage_draws_what_the_meter_says():
    flows = house().flows(step(0), Feed.DROP, Power(2.4, 0.8))
    assert (flows.load_kw, flows.pv_kw) == pytest.approx((3.4, 1.0))


@dataclass(frozen=True)
class Heater(Device):
    """A device of one's own: what it needs to say is this."""

    power_kw: float
    name: str = "heater"
    kind: str = "heat_pump"

    def expected_kw(self, step):
        return self.power_kw

    def draw(self, step, v_pu, told=None):
        return Power(self.power_kw if told is None else min(self.power_kw, told.p_kw))


def test_a_device_of_ones_own_counts_as_load_and_is_planned_for():
    home = House("house_1", [Load(LOAD_KW), Heater(1.5)])
    assert home.draw(step(0)).p_kw == 5.5
    assert home.planned_kw(step(0)) == 1.5
    flows = home.flows(step(0), Feed.DROP, Power(5.5))
    assert flows.load_kw == 5.5
    assert [(flow.kind, flow.p_kw, flow.stored_wh) for flow in flows.devices] == [
        ("load", 4.0, None),
        ("heat_pump", 1.5, None),
    ]


def test_two_devices_of_one_name_are_refused():
    with pytest.raises(ValueError, match="house_1 has devices load, load: give each a name"):
        House("house_1", [Load(LOAD_KW), Load(LOAD_KW)])
