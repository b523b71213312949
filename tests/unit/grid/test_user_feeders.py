"""Kinds of feeders that users bring: each small file is what somebody's real one had in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from p2p_cosim import conservation
from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import Fault, GridState, Injections, TapMove
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.dss import read_circuit
from p2p_cosim.grid.houses import HousePlan
from p2p_cosim.grid.model import FeederModel
from p2p_cosim.grid.opendss import OpenDSSGrid

HEAD = """Clear
New Circuit.mini bus1=src basekv=12.47 pu=1.0 r1=0 x1=0.0001 r0=0 x0=0.0001
"""
LINE = "r1=0.3 x1=0.6 r0=0.6 x0=1.8 c1=0 c0=0 length=2 units=km"
LOADS = """New Load.l1 bus1=m.1 phases=1 kv=7.2 kw=40 kvar=10
New Load.l2 bus1=m.2 phases=1 kv=7.2 kw=40 kvar=10
New Load.l3 bus1=m.3 phases=1 kv=7.2 kw=40 kvar=10
"""
BASES = "Set VoltageBases=[12.47]\n"
ONE_LINE = f"New Line.a bus1=src bus2=m phases=3 {LINE}\n"
SITES = ("m.A", "m.B", "m.C")


def _grid(folder: Path, text: str, plan: HousePlan | None = None) -> OpenDSSGrid:
    (folder / "f.dss").write_text(text)
    plan = plan or HousePlan(6, SITES)
    circuit = read_circuit(folder / "f.dss", folder)
    taps = tuple(0 for _ in circuit.regulators)
    return OpenDSSGrid.build(circuit, FeederOptions(taps=taps), plan)


def _solved(grid: OpenDSSGrid, p_kw: float = 2.0) -> GridState:
    houses = len(grid.houses)
    grid.dispatch(Injections(np.full(houses, p_kw), np.zeros(houses)))
    state = grid.solve()
    conservation.check_power(state, tick=0)
    return state


SERIES = {
    "line": f"New Line.b bus1=src bus2=k phases=3 {LINE}\n",
    "reactor": "New Reactor.b bus1=src bus2=k phases=3 x=0.5 r=0.05\n",
    "capacitor": "New Capacitor.b bus1=src bus2=k phases=3 kvar=5000 kv=12.47\n",
}


@pytest.mark.parametrize("kind", SERIES)
def test_one_dead_house_darkens_no_other_whatever_stands_in_the_feeder(
    tmp_path: Path, kind: str
) -> None:
    text = HEAD + SERIES[kind] + ONE_LINE.replace("bus1=src", "bus1=k") + LOADS + BASES
    grid = _grid(tmp_path, text)
    grid.apply(Fault("house_outage", "house_1", 0, 1))
    v_pu = _solved(grid).house_v_pu
    assert v_pu[0] == 0
    assert v_pu[1:].min() > 0.9


PER_PHASE = "".join(
    f"New Line.p{n} bus1=src.{n} bus2=m.{n} phases=1 r1=0.4 x1=0.9 c1=0 length=2 units=km\n"
    for n in (1, 2, 3)
)
RELABELLED = f"""{ONE_LINE}New Line.tap bus1=m.3 bus2=n.1 phases=1 r1=0.4 x1=0.9 c1=0 length=1
"""


def test_lines_of_single_phases_carry_exports_while_something_else_is_broken(
    tmp_path: Path,
) -> None:
    grid = _grid(tmp_path, HEAD + PER_PHASE + LOADS + BASES)
    before = _solved(grid, -5.0)
    grid.apply(Fault("house_outage", "house_1", 0, 1))
    after = _solved(grid, -5.0)
    np.testing.assert_allclose(after.house_p_kw[1:], before.house_p_kw[1:], atol=1e-6)
    grid.clear(Fault("house_outage", "house_1", 0, 1))
    place = "src-m"
    grid.apply(Fault("open_phase", place, 0, 1, phases="B"))
    dark = _solved(grid, -5.0)
    assert [v > 0 for v in dark.house_v_pu] == [h.phase != "B" for h in grid.houses]


def test_a_conductor_that_changes_its_number_still_feeds(tmp_path: Path) -> None:
    grid = _grid(tmp_path, HEAD + RELABELLED + LOADS + BASES, HousePlan(4, ("n.A", "m.B")))
    grid.apply(Fault("house_outage", "house_4", 0, 1))
    state = _solved(grid, -5.0)
    np.testing.assert_allclose(state.house_p_kw[:3], -5.0, atol=0.1)
    grid.apply(Fault("open_phase", "src-m", 0, 1, phases="C"))
    assert (_solved(grid).house_v_pu[:2] == 0).all()


def test_a_switch_that_is_open_in_the_file_stays_open(tmp_path: Path) -> None:
    text = HEAD + ONE_LINE + f"New Line.sw bus1=m bus2=n phases=3 {LINE}\nOpen Line.sw 2\n"
    grid = _grid(tmp_path, text + LOADS + BASES, HousePlan(2, ("m.A", "n.A")))
    grid.apply(Fault("house_outage", "house_1", 0, 1))
    assert _solved(grid).house_v_pu.tolist() == [0, 0]
    grid.clear(Fault("house_outage", "house_1", 0, 1))
    fault = Fault("open_phase", "m-n", 0, 1, phases="B")
    grid.apply(fault)
    grid.clear(fault)
    assert _solved(grid).house_v_pu[1] < 0.5


BALANCE = {
    "shunt reactor": "New Reactor.r bus1=m phases=3 kvar=60 kv=12.47 r=20\n",
    "capacitor with losses": "New Capacitor.c bus1=m phases=3 kvar=60 kv=12.47 r=5\n",
    "second source": "New Vsource.two bus1=m basekv=12.47 pu=1.001 r1=1 x1=5 r0=1 x0=5\n",
    "generator": "New Generator.g bus1=m phases=3 kv=12.47 kw=50 pf=1 model=1\n",
    "pv system": "New PVSystem.p bus1=m phases=3 kv=12.47 kva=60 pmpp=50 irradiance=0.8\n",
    "storage": "New Storage.s bus1=m phases=3 kv=12.47 kwrated=50 kwhrated=100\n",
    "disabled load": "New Load.off bus1=m.1 phases=1 kv=7.2 kw=500 enabled=no\n",
    "disabled line": f"New Line.off bus1=src bus2=m phases=3 {LINE} enabled=no\n",
    "negative load": "New Load.pv bus1=m.2 phases=1 kv=7.2 kw=-30 kvar=0\n",
}


@pytest.mark.parametrize("what", BALANCE)
def test_power_balances_whatever_the_file_holds(tmp_path: Path, what: str) -> None:
    with_it = _grid(tmp_path, HEAD + ONE_LINE + BALANCE[what] + LOADS + BASES)
    state = _solved(with_it)
    loads = {load.name: p for load, p in zip(with_it.spot_loads, state.spot_p_kw, strict=True)}
    for name in ("l1", "l2", "l3"):
        assert loads[name] == pytest.approx(40, rel=0.01)
    assert "off" not in loads


def test_by_load_gives_no_house_to_what_feeds_in_and_exactly_as_many_as_asked(
    tmp_path: Path,
) -> None:
    text = HEAD + ONE_LINE + LOADS + BALANCE["negative load"] + BASES
    grid = _grid(tmp_path, text, HousePlan(13, "by_load"))
    assert len(grid.houses) == 13


DELTA = """New Transformer.t phases=3 windings=2 buses=[src d] conns=[delta delta] kvs=[12.47 4.8]
~ kvas=[2500 2500] xhl=2
New Load.ab bus1=d.1.2 phases=1 conn=delta kv=4.8 kw=40 kvar=10
New Load.c bus1=d.3 phases=1 conn=delta kv=2.77 kw=1 kvar=0
"""


def test_without_ground_houses_stand_between_phases(tmp_path: Path) -> None:
    text = HEAD + DELTA + "Set VoltageBases=[12.47 4.8]\n"
    grid = _grid(tmp_path, text, HousePlan(4, "by_load"))
    assert {house.phase for house in grid.houses} <= {"AB", "BC", "CA"}
    assert 0.9 < _solved(grid).house_v_pu.min() < 1.1
    with pytest.raises(
        GridError, match=r"'d' has d.AB, d.BC, d.CA, d.ABC \(it has no ground of less than 0.1 ohm"
    ):
        _grid(tmp_path, text, HousePlan(1, ("d.A",)))


LOW = """New Transformer.t phases=3 windings=2 buses=[src lv] conns=[delta wye] kvs=[12.47 0.416]
~ kvas=[400 400] xhl=4
New Line.lv bus1=lv bus2=lv2 phases=3 r1=0.2 x1=0.07 r0=0.8 x0=0.1 c1=0 c0=0 length=0.1
New Load.a bus1=lv2.1 phases=1 kv=0.23 kw=2 pf=0.95
New Load.b bus1=lv2.2 phases=1 kv=0.23 kw=1 pf=0.95
New Load.c bus1=lv.3 phases=1 kv=0.23 kw=1 pf=0.95
Set VoltageBases=[12.47 0.416]
"""


def test_houses_on_the_files_own_low_voltage(tmp_path: Path) -> None:
    grid = _grid(tmp_path, HEAD + LOW, HousePlan(3, "at_loads"))
    assert [(h.bus, h.phase, h.transformer) for h in grid.houses] == [
        ("lv2", "A", "t"),
        ("lv2", "B", "t"),
        ("lv", "C", "t"),
    ]
    state = _solved(grid, 2.0)
    assert state.spot_p_kw.tolist() == [0, 0, 0]
    assert 0.95 < state.house_v_pu.min() < state.house_v_pu.max() < 1.01
    grid.apply(Fault("transformer_outage", "t", 0, 1))
    assert (_solved(grid).house_v_pu == 0).all()
    with pytest.raises(GridError, match="4 houses, and the feeder has 3 such loads"):
        _grid(tmp_path, HEAD + LOW, HousePlan(4, "at_loads"))


def test_houses_replace_their_share_of_loads_on_several_phases_and_of_two_loads(
    tmp_path: Path,
) -> None:
    three = "New Load.big bus1=m phases=3 kv=12.47 kw=300 kvar=90\n"
    plan = HousePlan(6, "by_load", mode="replace", nominal_house_kw=5.0)
    grid = _grid(tmp_path, HEAD + ONE_LINE + three + BASES, plan)
    assert grid.spot_loads[0].p_kw == pytest.approx(270)
    two = (
        "New Load.big bus1=m.1 phases=1 kv=7.2 kw=300\n"
        "New Load.small bus1=m.1 phases=1 kv=7.2 kw=5\n"
    )
    plan = HousePlan(3, ("m.A",), mode="replace", nominal_house_kw=100.0)
    grid = _grid(tmp_path, HEAD + ONE_LINE + two + BASES, plan)
    assert sum(load.p_kw for load in grid.spot_loads) == pytest.approx(5)


@pytest.mark.parametrize("name", ["house_1", "SERVICE_2", "Drop_House_3"])
def test_no_bus_has_a_name_of_the_programs_own(tmp_path: Path, name: str) -> None:
    text = HEAD + ONE_LINE + f"New Line.b bus1=m bus2={name} phases=3 {LINE}\n" + LOADS + BASES
    with pytest.raises(GridError, match="has a name that this program gives"):
        _grid(tmp_path, text)


def test_a_name_with_a_blank_can_break(tmp_path: Path) -> None:
    text = HEAD + f'New "Line.main feeder 1" bus1=src bus2=m phases=3 {LINE}\n' + LOADS + BASES
    grid = _grid(tmp_path, text)
    fault = Fault("lateral_open", "src-m", 0, 1)
    grid.apply(fault)
    assert (_solved(grid).house_v_pu == 0).all()
    grid.clear(fault)
    assert _solved(grid).house_v_pu.min() > 0.9


EUROPEAN = """New Transformer.oltc phases=3 windings=2 buses=[src m] conns=[delta wye]
~ kvs=[12.47 4.16] kvas=[2500 2500] xhl=4 numtaps=4 mintap=0.95 maxtap=1.05
New RegControl.c transformer=oltc winding=2 vreg=120 band=4 ptratio=20
New Load.l bus1=m.1 phases=1 kv=2.4 kw=40 kvar=10
Set VoltageBases=[12.47 4.16]
"""


def test_a_tap_changer_of_five_positions(tmp_path: Path) -> None:
    grid = _grid(tmp_path, HEAD + EUROPEAN, HousePlan(3, SITES))
    site = grid.regulator_sites["oltc"]
    assert (site.min_tap, site.max_tap, site.pu_per_tap) == (-2, 2, pytest.approx(0.025))
    assert site.serves.all()
    before = _solved(grid).house_v_pu
    grid.set_tap(TapMove("oltc", 2, "test"))
    after = _solved(grid).house_v_pu
    np.testing.assert_allclose(after / before, 1.05, atol=0.005)
    with pytest.raises(GridError, match=r"tap 3 .* exceeds 2: the regulator ends at \+5%"):
        grid.set_tap(TapMove("oltc", 3, "test"))


@pytest.mark.parametrize("tap", [-2, 2])
def test_what_a_controller_computes_stays_inside_a_narrow_range(tmp_path: Path, tap: int) -> None:
    grid = _grid(tmp_path, HEAD + EUROPEAN, HousePlan(3, SITES))
    grid.set_tap(TapMove("oltc", tap, "test"))
    _solved(grid)
    found = FeederModel(grid).sensitivities()
    np.testing.assert_allclose(found.dv_dtap, 0.025, atol=0.003)
    assert dict(grid.taps) == {"oltc": tap}


GRAMMAR = {
    "redirect in brackets": "Redirect [loads.dss]\n" + BASES,
    "redirect in braces": "Redirect {loads.dss}\n" + BASES,
    "bases in reverse Polish": LOADS + "Set VoltageBases=[(7.2 3 sqrt *)]\n",
    "a trailing comma": LOADS + "Set VoltageBases=(12.47, 0.48, )\n",
    "options before the bases": LOADS + "Set mode=snap VoltageBases=[12.47]\n",
    "no bases at all": LOADS,
    "bases bus by bus": LOADS + "SetkVBase bus=m kVLL=12.47\n",
    "curves": LOADS + 'New "TCC_Curve.a" npts=2 C_array=[1 2] T_array=[2 1]\n' + BASES,
    "shapes": "New LoadShape.s npts=2 csvfile=nowhere.csv\n"
    + LOADS.replace("kvar=10", "kvar=10 daily=s")
    + BASES,
    "spectra": "New Spectrum.s numharm=1\n"
    + LOADS.replace("kvar=10", "kvar=10 spectrum=s")
    + BASES,
    "results of one's own": LOADS + BASES + "Solve\nShow voltages\nExport powers\n",
    "coordinates that are not there": LOADS + BASES + "BusCoords nowhere.csv\n",
    "a circuit before this one": "New Circuit.old\nNew Swtcontrol.x\nClear\n"
    + HEAD
    + ONE_LINE
    + LOADS
    + BASES,
}


@pytest.mark.parametrize("what", GRAMMAR)
def test_what_opendss_takes_is_taken(tmp_path: Path, what: str) -> None:
    (tmp_path / "loads.dss").write_text(LOADS)
    grid = _grid(tmp_path, HEAD + ONE_LINE + GRAMMAR[what])
    assert [load.p_kw for load in grid.spot_loads] == [40, 40, 40]
    assert _solved(grid).house_v_pu.min() > 0.9


def test_after_compile_names_are_relative_to_the_compiled_file(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "feeder.dss").write_text(HEAD + ONE_LINE)
    (tmp_path / "base" / "loads.dss").write_text(LOADS)
    _solved(_grid(tmp_path, "Compile base/feeder.dss\nRedirect loads.dss\n" + BASES))


def test_a_base_that_no_voltage_fits_is_found_before_anything_is_believed(tmp_path: Path) -> None:
    wrong = "New Transformer.t phases=3 windings=2 buses=[m n] kvs=[4.16 0.48] kvas=[99 99]\n"
    with pytest.raises(GridError, match=r"bus 'n' has 1.4\d* kV .* its base is"):
        _grid(tmp_path, HEAD + ONE_LINE + wrong + LOADS + "Set VoltageBases=[12.47 0.48]\n")


def test_a_base_that_the_file_left_out_is_the_rated_voltage(tmp_path: Path) -> None:
    grid = _grid(tmp_path, HEAD + ONE_LINE + LOADS + "Set VoltageBases=[0.48]\n")
    assert {bus.base_kv for bus in grid.circuit.buses.values()} == {12.47}
    assert any("base was left out" in note for note in grid.circuit.skipped)
