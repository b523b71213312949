"""A run with several power flows in each market interval."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import p2p_cosim as p2p
from p2p_cosim.record.results import Results

CHANGES = {"clock.ticks": 4, "houses.count": 6, "clock.start": "2024-06-21 11:00"}
BATTERIES = {
    "traders.every_house.devices": [{"kind": "battery", "power_kw": 3.0, "energy_wh": 8000.0}]
}


def _run(folder: Path, **changes: object) -> Results:
    scenario = p2p.load("scenarios/trading_day.yaml").replace({**CHANGES, **changes})
    return p2p.run(scenario, out=folder)


@pytest.fixture(scope="module")
def by_minute(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return _run(tmp_path_factory.mktemp("minute"), **{"clock.power_flow_min": 1}, **BATTERIES)


def test_meters_have_counted_every_power_flow(by_minute: Results) -> None:
    houses, parts = by_minute.households, by_minute.table("parts")
    metered_kw = houses.groupby("tick")["metered_wh"].sum() / 250
    spot_kw = by_minute.feeder.set_index("tick")["spot_p_kw"]
    into_kw = parts.groupby("tick")["head_p_kw"].mean() - parts.groupby("tick")["losses_kw"].mean()
    np.testing.assert_allclose(metered_kw + spot_kw, into_kw, atol=6 * 0.5 / 250 + 0.01)
    net_kw = houses["load_kw"] - houses["pv_kw"] + houses["battery_kw"]
    np.testing.assert_allclose(houses["metered_wh"], net_kw * 250, atol=1.0)


def test_what_stores_keeps_its_energy_over_the_power_flows(by_minute: Results) -> None:
    batteries = by_minute.devices.query("kind == 'battery'")
    for _, of_house in batteries.groupby("house"):
        stored_wh = of_house["stored_wh"].diff().dropna()
        charged_wh = of_house["p_kw"].iloc[1:] * 250
        assert (stored_wh <= charged_wh + 1e-3).all()  # losses alone are between them
        assert charged_wh.abs().sum() > 10


def test_extremes_are_those_of_any_power_flow(by_minute: Results) -> None:
    solved = by_minute.table("part_voltages")
    assert len(solved) == 4 * 15 * 6
    highest = by_minute.feeder["v_max_pu"].max()
    assert highest == pytest.approx(solved["v_pu"].max())
    assert highest > by_minute.voltages["v_pu"].max()
    worst = by_minute.summary().as_dict()["worst_v_pu"]
    assert abs(worst - 1) == pytest.approx(np.abs(solved["v_pu"] - 1).max())
    means = solved.groupby(["tick", "house"], sort=False)["v_pu"].mean()
    np.testing.assert_allclose(means, by_minute.voltages["v_pu"], atol=1e-6)


def test_every_move_of_the_feeders_own_controls_is_a_row(tmp_path: Path) -> None:
    run = _run(
        tmp_path,
        **{"clock.power_flow_min": 5, "control.controller": "regcontrol", "feeder.taps": (0, 0, 0)},
    )
    steps = run.taps[run.taps["tick"] >= 0].groupby("regulator")["tap"].apply(list)
    assert steps["reg_a"][:3] == [1, 2, 3]  # one step a power flow, which is longer than a delay
    assert run.table("parts")["tap_moves"].sum() == len(run.taps) - 3


def test_one_power_flow_an_interval_changes_no_table(tmp_path: Path) -> None:
    plain = _run(tmp_path / "plain")
    same = _run(tmp_path / "same", **{"clock.power_flow_min": 15})
    for file in sorted(plain.path.glob("*.parquet")):
        assert (same.path / file.name).read_bytes() == file.read_bytes(), file.name
    assert plain.table("parts").empty


def test_the_head_follows_a_series(tmp_path: Path) -> None:
    (tmp_path / "head.csv").write_text(
        "timestamp,v_pu\n2024-06-21 00:00,1.0\n2024-06-21 11:20,0.98\n2024-06-21 13:00,0.98\n"
    )
    text = Path("scenarios/trading_day.yaml").read_text()
    (tmp_path / "s.yaml").write_text(text)
    scenario = p2p.load(tmp_path / "s.yaml").replace(
        {**CHANGES, "clock.power_flow_min": 5, "feeder.source_series": "head.csv"}
    )
    run = p2p.run(scenario, out=tmp_path / "out")
    assert run.table("parts")["source_v_pu"].tolist() == [1.0] * 4 + [0.98] * 8
    head = run.node_voltages.query("node == '650.A'")["v_pu"].tolist()
    assert head == pytest.approx([1.0, 1.0 - 0.04 / 3, 0.98, 0.98], abs=1e-5)
