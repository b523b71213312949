"""Feeders from a user's DSS files: what is read, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import Fault, Injections, TapMove
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.dss import read_circuit
from p2p_cosim.grid.houses import HousePlan
from p2p_cosim.grid.opendss import OpenDSSGrid

MASTER = """
! A comment, and a block:
/* New Circuit.nonsense
*/
Clear
New Circuit.Village bus1=head basekv=12.47 pu=1.02   // another comment
New XYCurve.far npts=2 csvfile=far.csv
Redirect Parts\\LINES.dss
New Transformer.Reg phases=3 buses=[head reg] kvs=[12.47 12.47] kvas=[9000 9000] xhl=0.01
~ numtaps=32
Transformer.Reg.MinTap=0.9
New RegControl.r transformer=Reg winding=2 vreg=122 band=2 ptratio=60
New Load.Mill bus1=b kv=12.47 kw=300 kvar=90
New Load.Farm bus1=c.2 phases=1 kv=7.2 kw=50 pf=0.9 model=2
New Load.Barn bus1=b.3.1 phases=1 conn=delta kv=12.47 kw=20 kvar=5
Set VoltageBases=[12.47]
Set mode=snapshot
CalcVoltageBases
BusCoords coords.csv
Solve
"""
LINES = """New LineCode.lc nphases=3 r1=0.3 x1=0.6 c1=0 r0=0.6 x0=1.2 c0=0 units=km
New Line.one bus1=reg bus2=b linecode=lc length=2 units=km
New Line.tap bus1=b.2 bus2=c.2 phases=1 r1=0.5 x1=0.5 c1=0 length=1
New Line.tie bus1=b bus2=d switch=yes
"""
COORDS = "head, 0, 0\nreg 1 0\nb,2,0\nC, 3, 1\nd;3;0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "lines.dss").write_text(LINES)
    (tmp_path / "coords.csv").write_text(COORDS)
    (tmp_path / "master.dss").write_text(MASTER.replace("\\\\", "\\"))
    return tmp_path


def test_a_circuit_is_read_as_it_was_built(folder: Path) -> None:
    circuit = read_circuit(folder / "master.dss", folder)
    assert (circuit.name, circuit.source_bus, circuit.source_v_pu) == ("village", "head", 1.02)
    assert {name: bus.phases for name, bus in circuit.buses.items()} == {
        "head": "ABC",
        "reg": "ABC",
        "b": "ABC",
        "c": "B",
        "d": "ABC",
    }
    assert {bus.base_kv for bus in circuit.buses.values()} == {12.47}
    assert (circuit.buses["c"].x, circuit.buses["c"].y) == (3, 1)
    assert {branch.place: branch.kind for branch in circuit.branches} == {
        "head-reg": "regulator",
        "reg-b": "line",
        "b-c": "line",
        "b-d": "switch",
    }
    assert [(r.name, r.phase) for r in circuit.regulators] == [("reg", "ABC")]
    mill, farm, barn = circuit.loads
    assert (mill.phase, mill.phases, mill.p_kw, mill.q_kvar) == ("", "ABC", 300, 90)
    assert (farm.phase, farm.phases) == ("B", "B")
    assert farm.q_kvar == pytest.approx(50 * np.tan(np.arccos(0.9)))
    assert (barn.phase, barn.phases) == ("C", "CA")


def test_without_all_coordinates_the_map_is_drawn_as_a_tree(folder: Path) -> None:
    (folder / "coords.csv").write_text("head, 0, 0\n")
    buses = read_circuit(folder / "master.dss", folder).buses
    assert [buses[name].x for name in ("head", "reg", "b", "c", "d")] == [0, 1, 2, 3, 3]
    assert len({(bus.x, bus.y) for bus in buses.values()}) == len(buses)


def test_houses_by_load_faults_and_taps_work_on_it(folder: Path) -> None:
    circuit = read_circuit(folder / "master.dss", folder)
    plan = HousePlan(37, "by_load")
    grid = OpenDSSGrid.build(circuit, FeederOptions(taps=(2,)), plan)
    counts = {
        site: sum(f"{h.bus}.{h.phase}" == site for h in grid.houses)
        for site in ("b.A", "b.B", "b.C", "c.B")
    }
    assert counts == {"b.A": 10, "b.B": 10, "b.C": 12, "c.B": 5}  # 100, 100, 120 and 50 kW
    grid.dispatch(Injections(np.ones(37), np.zeros(37)))
    before = grid.solve()
    grid.set_tap(TapMove("reg", 4, "test"))
    assert (grid.solve().house_v_pu - before.house_v_pu).min() > 0.01
    fault = Fault("lateral_open", "b-c", 0, 1)
    grid.apply(fault)
    dark = [v == 0 for v in grid.solve().house_v_pu]
    assert dark == [house.bus == "c" for house in grid.houses]
    grid.clear(fault)
    grid.set_tap(TapMove("reg", 2, "test"))
    assert grid.solve().house_v_pu == pytest.approx(before.house_v_pu, abs=1e-6)


def test_regcontrols_settle_and_own_the_taps(folder: Path) -> None:
    circuit = read_circuit(folder / "master.dss", folder)
    settled = OpenDSSGrid.build(circuit).taps
    assert settled == {"reg": 0} or abs(settled["reg"]) <= 16
    owned = OpenDSSGrid.build(circuit, FeederOptions(regcontrol=True))
    owned.solve()
    assert owned.taps == settled


REFUSED = {
    "System ls": "command 'system' is not allowed",
    "Var @x=file": "variable with a value from a file",
    "AllocateLoads": "command 'allocateloads' would change the circuit: run it in",
    "Set freq=50": "option 'frequency' of 50 is not the circuit's 60: write",
    "Set LoadMu=0.6": "option 'loadmult' of 0.6 would change every load",
    "Set LoadMult=0.7": "option 'loadmult' of 0.7 would change every load: leave it out, and",
    "New Lode.x": "class 'lode' is no class of OpenDSS: did you mean 'load'?",
    "New VCCS.x bus1=b": "class 'vccs' is not modelled: write a Generator of its kW and kvar",
    "New Something.x": "class 'something' is no class of OpenDSS: leave it out",
    "New Load.x kw=(file=a.csv)": "load.x takes a value from a file",
    "Load.Mill.kw=[file=a.csv]": "load.mill takes a value from a file",
    "New XYCurve.odd points=[1 (2 3 *)]": "xycurve.odd: curve with '1 (2 3 *)': write",
    "New PVSystem.pv bus1=b P-TCurve=Far": "pvsystem.pv uses xycurve.Far, whose values come",
    "New Load.house_3 bus1=b kw=1": "load.house_3 has a name that this program gives",
    "New Line": "'New Line' names no element",
}


def test_all_that_is_not_a_circuit_is_refused_at_once(folder: Path) -> None:
    with (folder / "parts" / "lines.dss").open("a") as file:
        file.write("\n".join(REFUSED))
    with pytest.raises(GridError) as caught:
        read_circuit(folder / "master.dss", folder)
    first, *problems = str(caught.value).splitlines()
    assert first == "the feeder's files hold what they may not:"
    assert len(problems) == len(REFUSED)
    for number, (problem, expected) in enumerate(
        zip(problems, REFUSED.values(), strict=True), start=len(LINES.splitlines()) + 1
    ):
        assert problem.startswith(f"lines.dss:{number}: {expected}")


@pytest.mark.parametrize("name", ["../secret.dss", "/etc/hostname", "link.dss"])
def test_no_file_outside_the_folder_is_read(folder: Path, name: str) -> None:
    (folder.parent / "secret.dss").write_text("New Load.x bus1=b kw=1")
    (folder / "link.dss").symlink_to(folder.parent / "secret.dss")
    master = folder / "master.dss"
    for command in ("Redirect", "Compile", "BusCoords"):
        master.write_text(
            MASTER.split("Redirect", maxsplit=1)[0] + f"{command} {name}\nSet VoltageBases=[12]"
        )
        with pytest.raises(GridError, match=r"master.dss:\d+: .* (leads out of|is not a file)"):
            read_circuit(master, folder)


def test_files_that_redirect_to_themselves_end(folder: Path) -> None:
    (folder / "parts" / "lines.dss").write_text("Redirect lines.dss")
    with pytest.raises(GridError, match="deeper than 8"):
        read_circuit(folder / "master.dss", folder)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("New Circuit.Village", "New Line.Village", "no circuit: begin with"),
        ("Set VoltageBases=[12.47]", "Set VoltageBases=[a b]", "master.dss:.*OpenDSS refused it"),
        ("MinTap=0.9", "MinTap=0.93", "regulator 'reg' has 32 steps from 0.93 to 1.1, of which"),
        ("kw=300", "kw=lots", "master.dss:13: OpenDSS refused it: .*lots"),
        ("lines.dss", "lins.dss", "is not a file: correct the name"),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    folder: Path, before: str, after: str, expected: str
) -> None:
    master = folder / "master.dss"
    text = master.read_text().replace("LINES.dss", "lines.dss")
    assert before in text
    master.write_text(text.replace(before, after))
    with pytest.raises(GridError, match=expected):
        read_circuit(master, folder)


def test_a_shape_of_actual_values_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "f.dss").write_text(
        "New Circuit.c bus1=s basekv=12.47\n"
        "New Loadshape.s npts=2 interval=12 mult=[2 5] UseActual=true\n"
        "New Loadshape.plain npts=2 interval=12 mult=[1 0.5] UseActual=no\n"
        "New Load.l bus1=s kv=12.47 kw=3 daily=s\n"
    )
    told = read_circuit(tmp_path / "f.dss", tmp_path).skipped
    assert [note for note in told if note.startswith("1 x loadshape with useactual")]


def test_what_goes_on_with_a_copy_is_told(folder: Path) -> None:
    with (folder / "parts" / "lines.dss").open("a") as file:
        file.write("New Load.twin like=mill bus1=b\n~ kw=30\n")
    master = folder / "master.dss"
    text = master.read_text()
    redirect = "Redirect Parts\\LINES.dss\n"
    assert redirect in text
    master.write_text(text.replace(redirect, "").replace("Set Volt", f"{redirect}Set Volt"))
    circuit = read_circuit(master, folder)
    assert any(
        f"lines.dss:{len(LINES.splitlines()) + 2}: after like=" in n for n in circuit.skipped
    )
