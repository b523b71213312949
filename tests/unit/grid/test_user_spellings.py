"""Spellings and decoration of users' feeders: none of it changes what is solved."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2p_cosim.compose.check import check_feeder
from p2p_cosim.compose.seeds import Purpose, seed_of
from p2p_cosim.core.errors import GridError
from p2p_cosim.grid.dss import read_circuit
from p2p_cosim.scenario import build_profiles, load

FEEDER = """Clear
New Circuit.mini bus1=Src basekv=12.47 pu=1.0 r1=0 x1=0.0001 r0=0 x0=0.0001
New Line.a bus1=Src bus2=Mid phases=3 r1=0.3 x1=0.6 r0=0.6 x0=1.8 c1=0 c0=0 length=2 units=km
New Load.l1 bus1=Mid.1 phases=1 kv=7.2 kw=40 kvar=10
Set VoltageBases=[12.47]
"""
SCENARIO = """name: spelled
clock: {ticks: 3}
feeder: {master: f.dss}
houses: {count: 2, sites: [SITE]}
"""
REGULATED = """New Transformer.r phases=3 windings=2 buses=[Mid End] kvs=[12.47 12.47] kvas=[99 99]
New RegControl.r transformer=r winding=2 vreg=120 band=2 ptratio=60 debugtrace=yes
"""


def _check(folder: Path, feeder: str, site: str = "mid.A", more: str = "") -> list[str]:
    (folder / "f.dss").write_text(feeder)
    (folder / "s.yaml").write_text(SCENARIO.replace("SITE", site) + more)
    scenario = load(folder / "s.yaml")
    profiles = build_profiles(scenario, seed_of(scenario.seed, Purpose.PROFILES))
    return list(check_feeder(scenario, profiles))


@pytest.mark.parametrize("site", ["Mid.A", "MID.a", "mid.A"])
def test_sites_in_any_case(tmp_path: Path, site: str) -> None:
    assert _check(tmp_path, FEEDER, site) == []


def test_a_fault_at_a_bus_as_the_file_spells_it(tmp_path: Path) -> None:
    fault = "{kind: slg, place: MID, phases: A, start_tick: 1, end_tick: 2, impedance_ohm: 50}"
    assert _check(tmp_path, FEEDER, more=f"faults: {{schedule: [{fault}]}}\n") == []


@pytest.mark.parametrize("coordinates", [b"// bus, x, y\nsrc,0,0\nmid,1,1\n", b"bus,x,y\nsrc,0,0\n",
                                         "Señal,1,2\n".encode("latin-1")])  # fmt: skip
def test_coordinates_are_decoration(tmp_path: Path, coordinates: bytes) -> None:
    (tmp_path / "xy.csv").write_bytes(coordinates)
    assert _check(tmp_path, FEEDER + "BusCoords xy.csv\n") == []


def test_the_engine_writes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    more = "control: {controller: regcontrol}\n"
    for _ in range(2):
        _check(tmp_path, FEEDER + REGULATED, more=more)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["f.dss", "s.yaml"]


PARTS = {
    "load": "Load.part bus1=Mid phases=3 kv=12.47 kw=90",
    "generator": "Generator.part bus1=Mid kv=12.47 kw=60",
    "storage": "Storage.part bus1=Mid kv=12.47 kwrated=60 kwhrated=100 state=discharging",
}


@pytest.mark.parametrize("kind", PARTS)
def test_what_draws_or_gives_is_opened_and_closed_as_a_whole(tmp_path: Path, kind: str) -> None:
    part = f"New {PARTS[kind]}\n"
    assert _check(tmp_path, f"{FEEDER}{part}Open {kind}.part 1\n") == []
    plain = read_circuit(tmp_path / "f.dss", tmp_path)
    assert not [load for load in plain.loads if load.name == "part"]
    assert not plain.others
    held = f"New SwtControl.s SwitchedObj={kind}.part SwitchedTerm=1 State=open\n"
    _check(tmp_path, f"{FEEDER}{part}{held}")
    assert read_circuit(tmp_path / "f.dss", tmp_path).others == ()
    assert _check(tmp_path, f"{FEEDER}{part}Open {kind}.part 1\nClose {kind}.part 1\n") == []
    again = read_circuit(tmp_path / "f.dss", tmp_path)
    assert len(again.loads) + len(again.others) == len(plain.loads) + 1
    with pytest.raises(GridError, match=f"open {kind}.part works one conductor of a {kind}: write"):
        _check(tmp_path, f"{FEEDER}{part}Open {kind}.part 1 2\n")
