"""A day of faults through the whole model: struck, recorded, told, and repaired."""

from __future__ import annotations

from pathlib import Path

import pytest

import p2p_cosim as p2p
from p2p_cosim import plots

SCENARIO = Path(__file__).parents[2] / "scenarios" / "fault_day.yaml"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return p2p.run(p2p.load(SCENARIO), out=tmp_path_factory.mktemp("results"))


def test_every_fault_is_told_at_its_first_tick_with_its_place(run):
    alarms = run.alarms[run.alarms["kind"] != "house_restored"]
    assert len(run.faults) == 7
    told = list(alarms[["tick", "kind", "place"]].itertuples(index=False, name=None))
    struck = [
        (fault.tick, fault.kind, fault.phases if fault.kind == "slg" else fault.place)
        for fault in run.faults.itertuples()
    ]
    assert told == struck


def test_an_islanded_house_delivers_nothing_whatever_it_traded(run):
    dark = run.households[~run.households["supplied"]]
    assert len(dark) == 6 + 6 * 6 + 6 * 8 + 6 * 5
    assert (dark["contracted_wh"] != 0).any()
    for column in ("p_kw", "q_kvar", "load_kw", "pv_kw", "metered_wh"):
        assert (dark[column] == 0).all(), column


def test_all_power_balances_in_what_was_recorded(run):
    houses = run.households.groupby("tick")["p_kw"].sum()
    feeder = run.feeder.set_index("tick")
    head = feeder[["head_p_a_kw", "head_p_b_kw", "head_p_c_kw"]].sum(axis=1)
    drawn = houses + feeder["spot_p_kw"] + feeder["losses_kw"]
    assert (head - drawn).abs().max() < 1e-2


def test_its_figures_name_the_faults(run):
    ax = plots.fault_timeline(run)
    assert len(ax.containers) == 7
    assert plots.fault_map(run, 2).texts[-1].get_text() == "lateral open at 684-611"


def test_an_inverter_trip_and_a_lying_meter_act_behind_and_at_the_meter(tmp_path):
    faults = [
        {"kind": kind, "place": "house_2", "start_tick": 1, "end_tick": 3}
        for kind in ("inverter_trip", "lying_meter")
    ]
    scenario = p2p.load(SCENARIO).replace(
        {
            "clock.start": "2024-06-21 12:00",
            "clock.ticks": 4,
            "profiles.pv_share": 1.0,
            "faults.schedule": faults,
        }
    )
    run = p2p.run(scenario, out=tmp_path)
    own = run.households[run.households["house"] == "house_2"].set_index("tick")
    assert (own["pv_kw"] > 0).tolist() == [True, False, False, True]
    # The lie reaches the detector alone: what is settled is what was delivered.
    assert own["p_kw"].to_numpy() == pytest.approx(
        (own["load_kw"] - own["pv_kw"]).to_numpy(), abs=1e-4
    )
