"""Devices that a position moves: limits, efficiencies, comfort, deadlines, and their energy."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from p2p_cosim.core.types import Power, Step
from p2p_cosim.houses import Appliance, Battery, ElectricVehicle, HeatPump
from p2p_cosim.testing import check_device

QUARTER = 900
WITHIN_WH = 1e-6  # 1e-9 kWh
SECONDS = st.floats(1.0, 7200.0)
TOLD = st.lists(st.tuples(st.floats(-20.0, 20.0), SECONDS), min_size=1, max_size=12)
OUTDOOR_C = np.array([-8.0, 0.0, 4.0, 31.0, 12.0, -2.0])


def battery(**changes):
    return Battery(**{"energy_wh": 10_000, "power_kw": 5, "stored_wh": 4_000} | changes)


def car(**changes):
    plugged = np.ones(24, dtype=bool)
    plugged[8:18] = False
    driving_kw = np.where(plugged, 0.0, 0.7)
    fields = {
        "plugged": plugged,
        "driving_kw": driving_kw,
        "interval_s": 3600,
        "energy_wh": 50_000,
        "power_kw": 7,
        "required_wh": 40_000,
        "stored_wh": 20_000,
    }
    return ElectricVehicle(**fields | changes)


def heat_pump(**changes):
    fields = {"outdoor_c": OUTDOOR_C, "interval_s": 3600, "indoor_c": 21.0, "power_kw": 4}
    return HeatPump(**fields | changes)


def dishwasher(**changes):
    fields = {
        "power_kw": 1.2,
        "run_wh": 1500.0,
        "ready_s": (3600.0, 90_000.0),
        "deadline_s": (36_000.0, 120_000.0),
    }
    return Appliance(**fields | changes)


@pytest.mark.parametrize("make", [battery, car, heat_pump, dishwasher])
def test_devices_conform(make):
    check_device(make)
    check_device(lambda: make(clock_s=4000.0) if make is not battery else make(stored_wh=0.0))


def run(device, told):
    """Every state and power of a device that is told these for so long."""
    for p_kw, seconds in told:
        step = Step(0, seconds)
        power = device.draw(step, 1.0, Power(p_kw))
        least_kw, most_kw = device.range_kw(step)
        assert least_kw - 1e-12 <= power.p_kw <= most_kw + 1e-12
        later = device.after(power, seconds)
        yield device, power, seconds, later
        device = later


@given(TOLD)
def test_a_battery_keeps_what_it_is_given_but_for_its_losses(told):
    for before, power, seconds, after in run(battery(charge_efficiency=0.9), told):
        energy_wh = power.p_kw * seconds / 3.6
        change_wh = 0.9 * energy_wh if energy_wh > 0 else energy_wh / 0.95
        assert after.stored_wh - before.stored_wh == pytest.approx(change_wh, abs=WITHIN_WH)
        assert 0 <= after.stored_wh <= 10_000


@given(TOLD)
def test_a_car_keeps_what_it_is_given_but_for_losses_and_driving(told):
    for before, power, seconds, after in run(car(), told):
        energy_wh = power.p_kw * seconds / 3.6
        hours = (np.clip((before.clock_s + np.array([0, seconds])) / 3600, 8, 18)).tolist()
        driven_wh = 700 * (hours[1] - hours[0]) if after.clock_s < 24 * 3600 else 0.0
        change_wh = 0.92 * energy_wh if energy_wh > 0 else energy_wh / 0.92
        if after.stored_wh > 0:
            assert after.stored_wh - before.stored_wh == pytest.approx(
                change_wh - driven_wh, abs=WITHIN_WH
            )


@given(TOLD, st.sampled_from(["heat", "cool"]))
def test_heat_that_a_pump_moves_is_in_the_house_or_lost(told, mode):
    sign = 1 if mode == "heat" else -1
    for before, power, seconds, after in run(heat_pump(mode=mode), told):

        def lost_ws(start_s, end_s, before=before, power=power):
            middle_s = before.clock_s + (start_s + end_s) / 2
            outdoor_c = OUTDOOR_C[min(int(middle_s // 3600), len(OUTDOOR_C) - 1)]
            return quad(
                lambda t: 200.0 * (before.after(power, t).indoor_c - outdoor_c),
                *(start_s, end_s),
                epsabs=1e-5,
                epsrel=1e-12,
            )[0]

        edges = [e - before.clock_s for e in np.arange(1, 6) * 3600.0]
        cuts = [0.0, *[e for e in edges if 0 < e < seconds], seconds]
        lost_wh = sum(lost_ws(*ends) for ends in pairwise(cuts)) / 3600
        moved_wh = (300.0 + sign * 3.0 * power.p_kw * 1000) * seconds / 3600
        kept_wh = 5000.0 * (after.indoor_c - before.indoor_c)
        assert kept_wh == pytest.approx(moved_wh - lost_wh, rel=0, abs=WITHIN_WH)


@given(TOLD)
def test_a_program_takes_its_energy_once(told):
    had_wh = 0.0
    for before, power, seconds, after in run(dishwasher(), told):
        had_wh += power.p_kw * seconds / 3.6
        assert before.loaded or power.p_kw == 0
        expected_wh = 1500.0 * after.program + after.done_wh
        assert had_wh == pytest.approx(expected_wh, abs=WITHIN_WH)


@given(st.sampled_from([battery, car, heat_pump, dishwasher]), TOLD, SECONDS)
def test_a_step_cut_in_two_leads_to_the_same_state(make, told, seconds):
    *_, (_, _, _, device) = run(make(), told)
    power = device.draw(Step(0, seconds), 1.0, Power(told[0][0]))
    whole = device.after(power, seconds)
    parts = device.after(power, seconds / 3).after(power, 2 * seconds / 3)
    for field in ("stored_wh", "indoor_c", "done_wh"):
        if getattr(whole, field, None) is not None:
            assert getattr(parts, field) == pytest.approx(getattr(whole, field), abs=WITHIN_WH)


@pytest.mark.parametrize("waits", [True, False])
def test_a_car_is_charged_when_it_leaves(waits):
    mine = car(waits=waits)
    powers = []
    for hour in range(8):
        power = mine.draw(Step(hour, 3600), 1.0)
        powers.append(power.p_kw)
        mine = mine.after(power, 3600)
    assert mine.stored_wh == pytest.approx(40_000)
    assert not mine.present
    assert mine.draw(Step(8, 3600), 1.0, Power(5.0)).p_kw == 0
    assert (powers[0] == 0) is waits
    assert (powers[-1] == 0) is not waits


def test_a_car_that_sells_can_still_be_charged_in_time():
    mine = car(stored_wh=50_000)
    for hour in range(8):
        mine = mine.after(mine.draw(Step(hour, 3600), 1.0, Power(-100.0)), 3600)
    assert mine.stored_wh == pytest.approx(40_000)
    assert car(v2g=False).range_kw(Step(0, 3600))[0] == 0


def test_a_heat_pump_stays_in_the_comfort_band_whatever_it_is_told():
    for told_kw in (0.0, 100.0):
        house = heat_pump(outdoor_c=np.zeros(24), indoor_c=21.0)
        for hour in range(24):
            house = house.after(house.draw(Step(hour, 3600), 1.0, Power(told_kw)), 3600)
            assert 19.5 - 1e-9 <= house.indoor_c <= 22.5 + 1e-9
        assert house.indoor_c == pytest.approx(19.5 if told_kw == 0 else 22.5)


def test_a_cooler_uses_energy_to_go_down():
    hot = heat_pump(mode="cool", outdoor_c=np.full(4, 35.0), indoor_c=22.0)
    least, most = hot.range_kw(Step(0, 3600))
    assert hot.after(Power(most), 3600).indoor_c < hot.after(Power(least), 3600).indoor_c


def test_an_appliance_waits_until_its_deadline_and_then_runs_through():
    mine, on = dishwasher(), []
    for tick in range(60):
        power = mine.draw(Step(tick, QUARTER), 1.0, Power(0.0))
        on.append(power.p_kw > 0)
        mine = mine.after(power, QUARTER)
    first = on.index(True)
    assert mine.program == 1
    assert all(on[first : first + 5])
    assert first * QUARTER + 1500 / 1200 * 3600 <= 36_000 < (first + 2) * QUARTER + 4500
    assert dishwasher(clock_s=3600.0).draw(Step(4, QUARTER), 1.0).p_kw == 1.2
