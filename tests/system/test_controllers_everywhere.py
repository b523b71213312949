"""Every controller and a hosting run on every feeder: shipped, or found by P2P_FEEDERS, of which
P2P_EVERYWHERE=1 (`make test-everywhere`) takes all."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from p2p_cosim import Scenario, plots
from p2p_cosim.core.roles import CONTROLLERS
from p2p_cosim.feeders import FEEDERS, regulators_of
from p2p_cosim.studies.feeder_run import Behind, FeederRun
from p2p_cosim.studies.hosting import hosting_capacity

DISTRIBUTED = os.environ.get("P2P_FEEDERS", "")
MASTERS: dict[str, object] = {
    "37Bus/ieee37.dss": "by_load",
    "123Bus/IEEE123Master.dss": "by_load",
    "LVTestCase/Master.dss": "at_loads",
}
MORE_MASTERS: dict[str, object] = {
    "13Bus/IEEE13Nodeckt.dss": "by_load",
    "34Bus/ieee34Mod1.dss": "by_load",
    "34Bus/ieee34Mod2.dss": "by_load",
    "4Bus-DY-Bal/4Bus-DY-Bal.DSS": "by_load",
    "4Bus-OYOD-UnBal/4bus-OYOD-UnBal.dss": "by_load",
}
TRIED = MASTERS | MORE_MASTERS if os.environ.get("P2P_EVERYWHERE") else MASTERS
TICKS = 3
DECISION_LIMIT_S = 0.5  # a stray second of a busy machine aside, 20 ms are the aim

needs_files = pytest.mark.skipif(not DISTRIBUTED, reason="P2P_FEEDERS names no folder of feeders")


def scenario_of(feeder: dict[str, object], sites: object = "by_load") -> Scenario:
    """Noon in June with much PV, so that there is something to do."""
    return Scenario.model_validate(
        {
            "name": "noon",
            "feeder": feeder | {"spot_loads": {"scale": 0.5}},
            "houses": {"count": 12, "sites": sites},
            "clock": {"start": "2024-06-21 11:00", "ticks": TICKS},
            "profiles": {"pv_share": 0.9, "pv_kw": 9.0},
        }
    )


def run_all(scenario: Scenario) -> None:
    """Under every controller, voltages are finite, taps in range and reasons given."""
    behind = Behind.of(scenario)
    for controller in CONTROLLERS:
        run = FeederRun(scenario.replace(controller=controller), behind)
        ranges = [(site.min_tap, site.max_tap) for site in run.grid.regulator_sites.values()]
        for tick in run:
            assert np.isfinite(tick.state.house_v_pu).all(), controller
            assert (tick.state.house_v_pu > 0.5).all(), controller
            for tap, (least, most) in zip(tick.state.taps, ranges, strict=True):
                assert least <= tap <= most, controller
            assert all(move.reason for move in tick.decision.moves)
        assert len(tick.state.taps) == len(run.grid.regulators)
    found = hosting_capacity(scenario, values=(0.0, 1.0), draws=1)
    assert [trial.violated for trial in found.trials if trial.value == 0.0] == [()]
    assert plots.hosting_capacity({"here": found.table()}).get_lines()


@pytest.mark.parametrize("feeder", FEEDERS)
def test_every_controller_on_a_shipped_feeder(feeder: str) -> None:
    run_all(scenario_of({"name": feeder}))


@needs_files
@pytest.mark.parametrize("master", TRIED)
def test_every_controller_on_a_distributed_feeder(master: str) -> None:
    run_all(scenario_of({"master": master}, TRIED[master]).at(Path(DISTRIBUTED)))


def test_look_ahead_decides_in_time_on_seven_regulators() -> None:
    assert len(regulators_of("ieee123")) == 7
    taps = {"controller": "look_ahead", "feeder.taps": [9, 0, 0, 0, 9, 9, 9]}
    run = FeederRun(scenario_of({"name": "ieee123"}).replace(taps))
    begun = time.process_time()
    moved = [move for tick in run for move in tick.decision.moves]
    assert moved
    assert (time.process_time() - begun) / TICKS < DECISION_LIMIT_S
