"""Last gasps in a run whose readings are an hour late."""

from __future__ import annotations

import pytest

import p2p_cosim as p2p

DAY = {
    "name": "gasps",
    "clock": {"start": "2024-06-21 11:00", "ticks": 10},
    "faults": {
        "metering": {"delay_ticks": 4},
        "schedule": [
            {"kind": "transformer_outage", "place": "service_2", "start_tick": 1, "end_tick": 3}
        ],
    },
}
BEHIND = [f"house_{i}" for i in range(7, 13)]


@pytest.mark.parametrize("strike", [1, 6])
@pytest.mark.parametrize("detector", ["outage_threshold", "statistical", "energy_balance"])
def test_an_outage_is_known_in_its_tick_and_its_end_an_hour_late(tmp_path, detector, strike):
    """Before any reading has arrived, and with readings of an hour ago."""
    outage = DAY["faults"]["schedule"][0] | {"start_tick": strike, "end_tick": strike + 2}
    scenario = p2p.Scenario.model_validate(DAY).replace(
        {
            "clock.ticks": 14,
            "faults.metering.last_gasp_share": 1.0,
            "faults.detector": detector,
            "faults.schedule": [outage],
        }
    )
    alarms = p2p.run(scenario, out=tmp_path).alarms
    told = alarms[alarms["kind"] != "house_restored"]
    assert told["tick"].min() == strike
    if detector == "energy_balance":  # which tells the transformer when the head shows it
        assert set(told["tick"]) <= {strike, strike + 4}
        told = told[told["tick"] == strike]
    assert set(told["tick"]) == {strike}
    if detector == "statistical":
        assert told["place"].tolist() == ["service_2"]
    else:
        assert told["place"].tolist() == BEHIND
        assert told["known_s"].between(30, 45).all()
        assert (told["first_tick"] == strike).all()
    back = alarms[alarms["kind"] == "house_restored"]
    assert back["place"].tolist() == BEHIND
    assert set(back["tick"]) == {strike + 6}
    assert back["known_s"].isna().all()


def test_without_them_it_is_known_when_the_readings_come(tmp_path):
    alarms = p2p.run(p2p.Scenario.model_validate(DAY), out=tmp_path).alarms
    outages = alarms[alarms["kind"] == "house_outage"]
    assert set(outages["tick"]) == {5}
    assert set(outages["first_tick"]) == {1}
    assert outages["known_s"].isna().all()
