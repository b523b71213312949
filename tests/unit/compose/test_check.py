"""`check` solves what the run will have to solve."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2p_cosim.compose.check import check_feeder
from p2p_cosim.compose.seeds import Purpose, seed_of
from p2p_cosim.core.errors import DivergenceError
from p2p_cosim.scenario import build_profiles, load

# Twenty ohm at 240 V carry a kilowatt, and not what a house gives at noon.
FAR = """clear
new circuit.far basekv=11
new transformer.t buses=[sourcebus low] conns=[delta wye] kvs=[11 0.416] kvas=[800 800]
new line.far bus1=low bus2=h r1=0.2 x1=0.07 r0=0.8 x0=0.07 c1=0 length=100 units=m
new load.one bus1=h.1 phases=1 kv=0.24 kw=0.1
set voltagebases=[11 0.416]
"""
SCENARIO = """name: far
clock: {{start: 2024-06-21 {hour}, ticks: 6, interval_min: 60}}
profiles: {{pv_share: 1, load_kwh_per_day: 1}}
feeder: {{master: far.dss}}
houses: {{count: 6, sites: [h.A]}}
"""


STRONG = """new line.strong bus1=low bus2=k r1=0.001 x1=0.001 r0=0.001 x0=0.001 c1=0 length=1
new line.last bus1=k bus2=h r1=0.001 x1=0.001 r0=0.001 x0=0.001 c1=0 length=1
"""
OPEN = "faults: {schedule: [{kind: lateral_open, place: k-h, start_tick: 5, end_tick: 6}]}"


def _check(folder: Path, hour: str, feeder: str = FAR, more: str = "") -> list[str]:
    (folder / "far.dss").write_text(feeder)
    (folder / "s.yaml").write_text(SCENARIO.format(hour=hour) + more)
    scenario = load(folder / "s.yaml")
    profiles = build_profiles(scenario, seed_of(scenario.seed, Purpose.PROFILES))
    return list(check_feeder(scenario, profiles))


def test_what_the_houses_give_at_their_most_is_solved(tmp_path: Path) -> None:
    assert _check(tmp_path, "21:00") == []
    # The first hour is dark still; the power flow ends in a later one.
    with pytest.raises(DivergenceError, match=r"at tick [1-5]:"):
        _check(tmp_path, "02:00")


def test_the_first_tick_of_every_fault_is_solved(tmp_path: Path) -> None:
    feeder = FAR.replace("set volt", f"{STRONG}set volt")
    assert _check(tmp_path, "02:00", feeder) == []
    with pytest.raises(DivergenceError, match="at tick 5 with lateral_open at k-h: worst node"):
        _check(tmp_path, "02:00", feeder, OPEN)
