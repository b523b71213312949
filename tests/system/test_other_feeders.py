"""The three stories on other feeders: published ones, and one from a user's DSS file."""

from __future__ import annotations

from pathlib import Path

import pytest

import p2p_cosim as p2p
from p2p_cosim import plots
from p2p_cosim.core.errors import GridError

MASTER = """Clear
New Circuit.street bus1=head basekv=12.47 pu=1.0
New Transformer.reg phases=3 buses=[head reg] kvs=[12.47 12.47] kvas=[9000 9000] xhl=0.01
New RegControl.reg transformer=reg winding=2 vreg=121 band=2 ptratio=60
New Line.main bus1=reg bus2=mid r1=0.4 x1=0.8 r0=0.8 x0=1.6 c1=0 c0=0 length=6
New Line.end bus1=mid bus2=end r1=0.4 x1=0.8 r0=0.8 x0=1.6 c1=0 c0=0 length=6
New Load.mid bus1=mid kv=12.47 kw=400 kvar=120
New Load.end bus1=end kv=12.47 kw=200 kvar=60
Set VoltageBases=[12.47]
"""
LINE = {"ieee34": "834-860", "ieee123": "67-72", "street": "mid-end"}
HOUSES = 12


@pytest.fixture(params=LINE)
def scenario(request: pytest.FixtureRequest, tmp_path: Path) -> p2p.Scenario:
    feeder = f"name: {request.param}"
    if request.param == "street":
        (tmp_path / "street.dss").write_text(MASTER)
        feeder = "master: street.dss"
    (tmp_path / "day.yaml").write_text(
        f"""
name: {request.param}
feeder: {{{feeder}, spot_loads: {{scale: 0.4}}}}
houses: {{count: {HOUSES}, sites: by_load}}
clock: {{start: 2024-06-21 11:00, ticks: 4}}
profiles: {{pv_share: 0.7}}
control: {{controller: look_ahead}}
faults:
  detector: energy_balance
  schedule: [{{kind: lateral_open, place: {LINE[request.param]}, start_tick: 2, end_tick: 3}}]
"""
    )
    return p2p.load(tmp_path / "day.yaml")


def test_a_day_with_trades_a_fault_and_its_alarm(scenario: p2p.Scenario, tmp_path: Path) -> None:
    run = p2p.run(scenario, out=tmp_path / "results")
    assert run.market["energy_wh"].sum() > 0
    place = LINE[scenario.name]
    alarms = list(run.alarms[["tick", "kind", "place"]].itertuples(index=False, name=None))
    assert alarms[0] == (2, "lateral_open", place)
    dark = run.households[~run.households["supplied"]]
    assert set(dark["tick"]) == {2}
    assert (dark["p_kw"] == 0).all()
    assert run.feeder_map["lines"]
    plots.feeder_map(run)
    if scenario.feeder.master:
        # The DSS file's own words are part of what a run is.
        (scenario.folder / "street.dss").write_text(MASTER.replace("kw=400", "kw=401"))
        assert p2p.run(scenario, out=tmp_path / "results").path != run.path


def test_places_that_a_feeder_does_not_have_are_named_together(scenario: p2p.Scenario) -> None:
    faults = [
        {"kind": kind, "place": "nowhere", "start_tick": 0, "end_tick": 1}
        for kind in ("lateral_open", "switch_open")
    ]
    with pytest.raises(GridError, match="not a line\nswitch_open at 'nowhere' is not a switch"):
        p2p.Simulation(scenario.replace({"faults.schedule": faults}))
