"""Every detector and figure on every feeder, and where houses stand in every way.

P2P_EVERYWHERE=1 (`make test-everywhere`) takes all masters of P2P_FEEDERS and all detectors there,
but for 4Bus-YYD, whose file ends with a short circuit and all its loads off.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from p2p_cosim import Scenario, plots, run
from p2p_cosim.compose.grid import grid_of
from p2p_cosim.core.roles import DETECTORS
from p2p_cosim.grid.faults import assumed_opens, possible_opens
from p2p_cosim.record import Results

DISTRIBUTED = os.environ.get("P2P_FEEDERS", "")
EVERYWHERE = bool(os.environ.get("P2P_EVERYWHERE"))
SHIPPED = ("ieee34", "ieee123")
WITHOUT_TWIN = tuple(name for name, facts in DETECTORS.items() if not facts.needs_twin)
MASTERS: dict[str, tuple[object, tuple[str, ...]]] = {
    "37Bus/ieee37.dss": ("by_load", tuple(DETECTORS)),
    "LVTestCase/Master.dss": ("at_loads", WITHOUT_TWIN),
}
MORE_MASTERS: dict[str, tuple[object, tuple[str, ...]]] = {
    "13Bus/IEEE13Nodeckt.dss": ("by_load", tuple(DETECTORS)),
    "34Bus/ieee34Mod1.dss": ("by_load", tuple(DETECTORS)),
    "34Bus/ieee34Mod2.dss": ("by_load", tuple(DETECTORS)),
    "123Bus/IEEE123Master.dss": ("by_load", tuple(DETECTORS)),
    "4Bus-DY-Bal/4Bus-DY-Bal.DSS": ("by_load", tuple(DETECTORS)),
    "4Bus-OYOD-UnBal/4bus-OYOD-UnBal.dss": ("by_load", tuple(DETECTORS)),
    "LVTestCase/Master.dss": ("at_loads", tuple(DETECTORS)),
}
TRIED = MASTERS | MORE_MASTERS if EVERYWHERE else MASTERS
FIGURES = {"overview", "voltage_by_site", "taps", "feeder_map", "loadings", "losses", "unbalance"}
NO_LOADS = """Clear
New Circuit.bare bus1=head basekv=12.47
New Line.main bus1=head bus2=mid r1=0.4 x1=0.8 r0=0.8 x0=1.6 c1=0 c0=0 length=2
New Line.end bus1=mid bus2=end r1=0.4 x1=0.8 r0=0.8 x0=1.6 c1=0 c0=0 length=2
Set VoltageBases=[12.47]
"""
OUTAGE = {"kind": "house_outage", "place": "house_2", "start_tick": 2, "end_tick": 4}


def _scenario(feeder: dict[str, object], sites: object, detector: str, ticks: int = 4) -> Scenario:
    return Scenario.model_validate(
        {
            "name": "noon",
            "feeder": feeder,
            "houses": {"count": 6, "sites": sites},
            "clock": {"start": "2024-06-21 11:00", "ticks": ticks},
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


def _look(found: Results, detector: str) -> None:
    """It tells the outage when it begins; all but the learned one, which was trained elsewhere,
    also tell what it is and when it is over."""
    assert found.status == "complete"
    told = list(found.alarms[["tick", "kind", "place"]].itertuples(index=False, name=None))
    assert told, detector
    assert told[0][0] == 2, detector
    if detector != "learned":
        outage, restored = (2, "house_outage", "house_2"), (4, "house_restored", "house_2")
        assert told == [outage, restored], detector


def _try_all(scenario: Scenario, detectors: tuple[str, ...], folder: Path) -> None:
    for detector in detectors:
        found = run(scenario.replace({"faults.detector": detector}), out=folder / detector)
        _look(found, detector)
    drawn = plots.save_all(found, folder / "figures", formats=("svg",))
    assert {path.stem for path in drawn} >= FIGURES | {"fault_map", "outage_timeline"}
    assert len(plots.loadings(found).patches) >= 4


@pytest.mark.filterwarnings("ignore:the learned detector was trained on")
@pytest.mark.parametrize("feeder", SHIPPED)
def test_every_detector_and_figure_on_a_shipped_feeder(feeder: str, tmp_path: Path) -> None:
    scenario = _scenario({"name": feeder}, "by_load", "statistical", ticks=5)
    _try_all(scenario, tuple(DETECTORS), tmp_path)


@pytest.mark.skipif(not DISTRIBUTED, reason="P2P_FEEDERS names no folder of feeders")
@pytest.mark.filterwarnings("ignore:the learned detector was trained on")
@pytest.mark.parametrize("master", TRIED)
def test_every_detector_and_figure_on_a_distributed_feeder(master: str, tmp_path: Path) -> None:
    sites, detectors = TRIED[master]
    scenario = _scenario({"master": master}, sites, "statistical", ticks=5)
    _try_all(scenario.at(Path(DISTRIBUTED)), detectors, tmp_path)


@pytest.mark.skipif(not DISTRIBUTED, reason="P2P_FEEDERS names no folder of feeders")
@pytest.mark.parametrize("detector", ["statistical", "energy_balance"])
def test_a_detector_behind_a_delta_winding(detector: str, tmp_path: Path) -> None:
    scenario = _scenario({"master": "37Bus/ieee37.dss"}, "by_load", detector)
    found = run(scenario.at(Path(DISTRIBUTED)), out=tmp_path)
    assert found.status == "complete"
    assert {place["phase"] for place in found.feeder_map["houses"].values()} <= {"AB", "BC", "CA"}


@pytest.mark.skipif(not DISTRIBUTED, reason="P2P_FEEDERS names no folder of feeders")
def test_of_the_opens_of_european_lv_an_eighth_is_tried() -> None:
    """As docs/detection.md says."""
    scenario = _scenario({"master": "LVTestCase/Master.dss"}, "at_loads", "energy_balance")
    grid = grid_of(scenario.at(Path(DISTRIBUTED)), regcontrol=False)
    assert len(possible_opens(grid.circuit, grid.houses)) == 3621
    assert len(assumed_opens(grid.circuit, grid.houses)) == 441


@pytest.mark.filterwarnings("error::RuntimeWarning", "ignore:the learned detector was trained on")
@pytest.mark.parametrize("detector", DETECTORS)
def test_a_detector_on_a_feeder_whose_only_loads_are_houses(detector: str, tmp_path: Path) -> None:
    (tmp_path / "bare.dss").write_text(NO_LOADS)
    scenario = _scenario({"master": "bare.dss"}, ["mid.A", "end.B"], detector, ticks=5)
    _look(run(scenario.at(tmp_path), out=tmp_path / "runs"), detector)
