"""Every detector and figure where houses stand in every way: one phase, between two, on three."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from p2p_cosim import Scenario, plots, run
from p2p_cosim.core.roles import DETECTORS

DISTRIBUTED = os.environ.get("P2P_FEEDERS", "")
OUTAGE = {"kind": "house_outage", "place": "house_2", "start_tick": 2, "end_tick": 4}


def _scenario(feeder: dict[str, object], sites: object, detector: str) -> Scenario:
    return Scenario.model_validate(
        {
            "name": "noon",
            "feeder": feeder,
            "houses": {"count": 6, "sites": sites},
            "clock": {"start": "2024-06-21 11:00", "ticks": 4},
            "faults": {"detector": detector, "schedule": [OUTAGE]},
        }
    )


@pytest.mark.parametrize("detector", DETECTORS)
def test_a_detector_on_houses_of_every_kind(detector: str, tmp_path: Path) -> None:
    sites = ["652.A", "675.CA", "675.ABC"]
    found = run(_scenario({"name": "ieee13"}, sites, detector), out=tmp_path / "runs")
    assert found.status == "complete"
    assert found.table("phase_voltages").groupby("house").size().to_dict() == {
        "house_5": 12,
        "house_6": 12,
    }
    if detector == "outage_threshold":
        assert found.alarms["place"].tolist() == ["house_2"]
        drawn = plots.save_all(found, tmp_path / "figures")
        assert len(drawn) > 5


@pytest.mark.skipif(not DISTRIBUTED, reason="P2P_FEEDERS names no folder of feeders")
@pytest.mark.parametrize("detector", ["statistical", "energy_balance"])
def test_a_detector_behind_a_delta_winding(detector: str, tmp_path: Path) -> None:
    scenario = _scenario({"master": "37Bus/ieee37.dss"}, "by_load", detector)
    found = run(scenario.at(Path(DISTRIBUTED)), out=tmp_path)
    assert found.status == "complete"
    assert {place["phase"] for place in found.feeder_map["houses"].values()} <= {"AB", "BC", "CA"}
