"""From a scenario's devices to what stands behind the meters."""

import numpy as np
import pytest

from p2p_cosim.compose.devices import days_of, devices_of
from p2p_cosim.houses import Appliance, Battery, ElectricVehicle, HeatPump
from p2p_cosim.scenario import Scenario

EV = {"kind": "ev", "power_kw": 7.0, "energy_wh": 50_000.0, "drive_wh": 8_000.0}
BATTERY = {"kind": "battery", "power_kw": 5.0, "wear_eur_per_kwh": 0.05}
PUMP = {"kind": "heat_pump", "power_kw": 3.0}
DISHWASHER = {"kind": "appliance", "power_kw": 1.0, "energy_wh": 1_200.0, "ready_h": 20.0}


def world(*every, own=None, **changes):
    traders = {"every_house": {"devices": list(every)}}
    if own is not None:
        traders["house_2"] = {"devices": own}
    data = {"name": "w", "houses": {"count": 10}, "traders": traders}
    clock = {"start": "2024-06-21 12:00", "interval_min": 30, "ticks": 96}
    return Scenario.model_validate(data | {"clock": clock} | changes)


def stands(scenario, house):
    return devices_of(scenario, house, days_of(scenario))


def owners(share):
    scenario = world(BATTERY | {"share": share})
    return {name for name in scenario.house_names if stands(scenario, name)}


def test_a_greater_share_adds_owners_and_takes_the_device_from_none():
    few, many = owners(0.3), owners(0.6)
    assert (len(few), len(many)) == (3, 6)
    assert few < many
    assert owners(0.0) == set()


def test_a_house_has_its_own_devices_instead_of_those_of_every_house():
    scenario = world(BATTERY, PUMP, own=[DISHWASHER])
    assert [type(d) for d in stands(scenario, "house_1")] == [Battery, HeatPump]
    assert [type(d) for d in stands(scenario, "house_2")] == [Appliance]
    battery = stands(scenario, "house_1")[0]
    assert battery.wear_wei_per_wh == scenario.tariff.price_wei_per_wh(0.05)


def test_a_car_drives_every_day_and_differently_in_every_house():
    scenario = world(EV)
    cars = [stands(scenario, name)[0] for name in ("house_1", "house_2")]
    for car in cars:
        assert isinstance(car, ElectricVehicle)
        assert len(car.plugged) == 96 + 48  # a day beyond the run
        assert not car.driving_kw[car.plugged].any()
        assert car.driving_kw[~car.plugged].all()
        # One whole day lies between two nights in the run: from tick 24 (midnight) to 72.
        assert car.driving_kw[24:72].sum() / 2 * 1000 == pytest.approx(8_000.0)
    assert not np.array_equal(cars[0].plugged, cars[1].plugged)
    again = stands(world(EV), "house_1")[0]
    assert np.array_equal(again.plugged, cars[0].plugged)


def test_a_car_that_leaves_in_the_evening_is_away_at_night():
    night = EV | {"departure_h": 22.0, "arrival_h": 6.0, "spread_h": 0.0}
    car = stands(world(night), "house_1")[0]
    away = np.flatnonzero(~car.plugged)
    assert away[:16].tolist() == list(range(20, 36))  # the run begins at noon


def test_programs_are_loaded_every_day_of_the_run():
    dishwasher = stands(world(DISHWASHER), "house_1")[0]
    assert dishwasher.ready_s[:2] == (8 * 3600.0, 32 * 3600.0)
    assert dishwasher.deadline_s[0] == 19 * 3600.0


@pytest.mark.parametrize("model", ["simple", "weather"])
def test_it_is_warmer_in_the_afternoon(model):
    scenario = world(PUMP, profiles={"model": model})
    outdoor_c = stands(scenario, "house_1")[0].outdoor_c
    assert len(outdoor_c) == 96 + 48
    assert outdoor_c[6] > outdoor_c[32] + 2  # 15 h, 4 h
    assert 5 < outdoor_c.mean() < 32


def test_a_run_with_every_kind_of_device_conserves_everything(tmp_path):
    import p2p_cosim as p2p

    scenario = world(BATTERY, EV | {"waits": True}, PUMP, DISHWASHER).replace(
        {"market.strategy": "predictive", "houses.count": 3, "clock.ticks": 36}
    )
    run = p2p.run(scenario, out=tmp_path)
    devices = run.table("devices")
    assert set(devices["kind"]) == {"load", "battery", "ev", "heat_pump", "appliance"} | (
        {"pv"} & set(devices["kind"])
    )
    dishwasher = devices[devices["kind"] == "appliance"].groupby("house")["p_kw"].sum() / 2
    assert dishwasher.tolist() == pytest.approx([1.2] * 3, abs=1e-4)
    battery = devices[(devices["kind"] == "battery") & (devices["house"] == "house_1")]
    energy_wh = battery["p_kw"].to_numpy() * 500
    change_wh = np.diff(battery["stored_wh"], prepend=5_000.0)
    expected_wh = np.where(energy_wh > 0, 0.95 * energy_wh, energy_wh / 0.95)
    assert change_wh == pytest.approx(expected_wh, abs=1e-2)
