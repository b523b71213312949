"""A bolted fault in a run whose feeder is protected: an outage in its own tick, and recorded."""

from __future__ import annotations

import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import GridError, ScenarioError
from p2p_cosim.core.limits import INTERRUPTION_PU

DAY = {
    "name": "protected",
    "clock": {"start": "2024-06-21 11:00", "ticks": 5},
    "faults": {
        "protection": {"typical": True},
        "schedule": [
            {"kind": "slg", "place": "611", "phases": "C", "start_tick": 1, "end_tick": 3},
            {
                **{"kind": "slg", "place": "671", "phases": "A", "impedance_ohm": 200},
                **{"start_tick": 3, "end_tick": 4},
            },
        ],
    },
}


def columns(frame, *names):
    return list(frame[list(names)].itertuples(index=False, name=None))


def test_a_bolted_fault_is_an_outage_from_its_own_tick_until_its_repair(tmp_path):
    run = p2p.run(p2p.Scenario.model_validate(DAY), out=tmp_path)
    assert columns(run.faults, "tick", "kind", "place", "phases", "end_tick") == [
        (1, "slg", "611", "C", 3),
        (1, "open_phase", "671-684", "C", 3),
        (3, "slg", "671", "A", 4),
    ]
    dark = run.voltages[run.voltages["v_pu"] < INTERRUPTION_PU]
    assert dark.groupby("tick").size().to_dict() == {1: 12, 2: 12}
    alarms = run.alarms
    assert len(alarms[alarms["kind"] == "house_outage"]) == 12
    assert set(alarms[alarms["kind"] == "house_restored"]["tick"]) == {3}
    # What is left of the short circuit feeds nothing, and 200 ohm trip nothing.
    current = run.feeder.set_index("tick")["fault_current_a"]
    assert current[1] == pytest.approx(0, abs=0.1)
    assert 5 < current[3] < 20


def test_devices_that_cannot_be_are_refused_together():
    wrong = {
        "faults.protection.devices": [
            {"place": "671-680", "kind": "fuse", "rated_a": 40, "ground_a": 5},
            {"place": "671-680", "kind": "fuse", "rated_a": 40},
            {"place": "service_99", "kind": "fuse", "rated_a": 40},
        ]
    }
    with pytest.raises(ScenarioError) as refused:
        p2p.Scenario.model_validate(DAY).replace(wrong)
    text = str(refused.value)
    assert "a fuse has no ground element" in text
    assert "has a device already" in text
    assert "is no line, switch or service transformer" in text


def test_a_device_on_a_feeder_that_only_the_engine_knows_is_refused_when_it_is_built():
    scenario = p2p.Scenario.model_validate(
        {
            "name": "elsewhere",
            "feeder": {"name": "ieee34"},
            "houses": {"count": 6, "sites": "by_load"},
            "clock": {"start": "2024-06-21 11:00", "ticks": 1},
            "faults": {
                "protection": {"devices": [{"place": "nowhere", "kind": "fuse", "rated_a": 40}]}
            },
        }
    )
    with pytest.raises(GridError, match="fuse: line, switch or service transformer 'nowhere'"):
        p2p.Simulation(scenario)
