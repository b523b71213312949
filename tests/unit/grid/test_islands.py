"""Feeders of which a part is joined to no source, or has no way to ground."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from p2p_cosim import conservation
from p2p_cosim.core.errors import DivergenceError, GridError
from p2p_cosim.core.types import Fault, GridState, Injections
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.dss import read_circuit
from p2p_cosim.grid.houses import HousePlan
from p2p_cosim.grid.opendss import OpenDSSGrid

HEAD = """Clear
New Circuit.mini bus1=src basekv=12.47 pu=1.0 r1=0 x1=0.0001 r0=0 x0=0.0001
"""
LINE = "r1=0.3 x1=0.6 r0=0.6 x0=1.8 c1=0 c0=0 length=2 units=km"
ONE_LINE = f"New Line.a bus1=src bus2=m phases=3 {LINE}\n"
LOADS = "New Load.l1 bus1=m.1 phases=1 kv=7.2 kw=40 kvar=10\n"
BASES = "Set VoltageBases=[12.47 0.48]\n"


def _grid(folder: Path, text: str) -> OpenDSSGrid:
    (folder / "f.dss").write_text(text)
    circuit = read_circuit(folder / "f.dss", folder)
    return OpenDSSGrid.build(circuit, FeederOptions(taps=()), HousePlan(3, ("m.A", "m.B", "m.C")))


def _solved(grid: OpenDSSGrid) -> GridState:
    grid.dispatch(Injections(np.full(3, 2.0), np.zeros(3)))
    state = grid.solve()
    conservation.check_power(state, tick=0)
    return state


ISLANDS = {
    "a load between phases": "New Load.far bus1=far.1.2 phases=1 conn=delta kv=12.47 kw=20\n",
    "a load with a neutral": "New Load.far bus1=far.1.4 phases=1 kv=7.2 kw=20 kvar=5\n",
    "a transformer": "New Transformer.t windings=2 buses=[far lv] conns=[delta delta]"
    " kvs=[12.47 0.48] kvas=[100 100] xhl=4 ppm=0\nNew Load.far bus1=lv conn=delta kv=0.48 kw=20\n",
}


@pytest.mark.parametrize("kind", ISLANDS)
def test_what_a_disabled_line_cuts_off_is_dark_and_harms_nobody(tmp_path: Path, kind: str) -> None:
    cut = f"New Line.cut bus1=m bus2=far phases=3 {LINE} enabled=no\n{ISLANDS[kind]}"
    whole = _solved(_grid(tmp_path, HEAD + ONE_LINE + LOADS + BASES))
    grid = _grid(tmp_path, HEAD + ONE_LINE + LOADS + cut + BASES)
    state = _solved(grid)
    np.testing.assert_allclose(state.house_v_pu, whole.house_v_pu, atol=1e-7)
    far = [v for n, v in zip(grid.node_names, state.node_v_pu, strict=True) if n[:3] == "far"]
    assert max(far) < 1e-6
    assert state.spot_p_kw[-1] == pytest.approx(0, abs=1e-6)


FLOATS = (
    "New Transformer.t windings=2 buses=[m lv] conns=[wye delta] kvs=[12.47 0.48] xhl=4 ppm=0\n"
)


def test_a_winding_that_floats_is_told_with_what_holds_it(tmp_path: Path) -> None:
    text = HEAD + ONE_LINE + LOADS + FLOATS + BASES
    with pytest.raises(GridError, match="has no way to ground, such as a delta winding"):
        _grid(tmp_path, text)
    assert _solved(_grid(tmp_path, text.replace("ppm=0", ""))).house_v_pu.min() > 0.9


def _floating_bank(kva: int) -> str:
    """Three units of a delta that nothing holds, a little unlike: the engine finds some voltage."""
    return "".join(
        f"New Transformer.t{n} phases=1 windings=2 buses=[m.{n}.0 lv.{n}.{n % 3 + 1}]"
        f" conns=[wye delta] kvs=[7.2 0.48] kvas=[{kva} {kva}] xhl={3.9 + n / 10} ppm=0\n"
        for n in (1, 2, 3)
    )


@pytest.mark.parametrize("kva", [100, 333])
def test_a_bank_that_floats_is_told_with_what_holds_it(tmp_path: Path, kva: int) -> None:
    text = HEAD + ONE_LINE + LOADS + _floating_bank(kva) + BASES
    with pytest.raises(GridError, match="has ppm=0: leave ppm out"):
        _grid(tmp_path, text)
    assert _solved(_grid(tmp_path, text.replace("ppm=0", ""))).house_v_pu.min() > 0.9


MACHINES = {
    "holds a voltage": "Generator.g {at} kw=100 model=3 maxkvar=200 minkvar=-200",
    "limits its current": "Generator.g {at} kw=100 model=7",
    "constant power": "Generator.g {at} kw=100",
    "PV": "PVSystem.g {at} kva=100 pmpp=100",
    "storage": "Storage.g {at} kva=100 kwrated=100 kwhrated=200 state=discharging",
    "current source": "ISource.g {at} amps=5",
}
FAR = f"New Line.far bus1=m bus2=far phases=3 {LINE}\nNew Load.far bus1=far kv=12.47 kw=90\n"


def _with_machine(kind: str, extra: str = "") -> str:
    at = "bus1=far" if kind == "current source" else "bus1=far kv=12.47"
    machine = f"New {MACHINES[kind].format(at=at)}\n"
    # First in the file, so that without it the engine's nodes stand in another order.
    return HEAD + machine + ONE_LINE + LOADS + FAR + extra + BASES


@pytest.mark.parametrize("kind", MACHINES)
def test_what_a_fault_cuts_off_trips_and_comes_back(tmp_path: Path, kind: str) -> None:
    without = _grid(tmp_path, HEAD + ONE_LINE + LOADS + FAR + BASES)
    grid = _grid(tmp_path, _with_machine(kind))
    whole = _solved(grid)
    assert whole.other_p_kw < -80
    for fault in (Fault("lateral_open", "m-far", 0, 1), Fault("open_phase", "m-far", 0, 1, "B")):
        states = []
        for one in (grid, without):
            one.apply(fault)
            state = _solved(one)
            states.append(dict(zip(one.node_names, state.node_v_pu, strict=True)))
            assert state.other_p_kw == 0
            one.clear(fault)
        assert states[0] == pytest.approx(states[1], abs=1e-7)
        np.testing.assert_allclose(_solved(grid).node_v_pu, whole.node_v_pu, atol=1e-7)
        assert _solved(grid).other_p_kw == pytest.approx(whole.other_p_kw, abs=1e-3)


@pytest.mark.parametrize("kind", [kind for kind in MACHINES if kind != "current source"])
def test_what_the_file_has_cut_off_stands_still_and_harms_nobody(tmp_path: Path, kind: str) -> None:
    grid = _grid(tmp_path, _with_machine(kind, "Open Line.far 1\n"))
    state = _solved(grid)
    np.testing.assert_allclose(
        state.house_v_pu, _solved(_grid(tmp_path, HEAD + ONE_LINE + LOADS + BASES)).house_v_pu
    )
    assert state.other_p_kw == 0
    assert "generator where no source leads" in " ".join(grid.circuit.skipped)


def test_a_site_where_no_source_leads_is_refused(tmp_path: Path) -> None:
    cut = FAR.replace("New Load", "Line.far.enabled=no\nNew Load")
    (tmp_path / "f.dss").write_text(HEAD + ONE_LINE + LOADS + cut + BASES)
    circuit = read_circuit(tmp_path / "f.dss", tmp_path)
    with pytest.raises(GridError, match=r"site 'far\.A' is dark: nothing joins bus 'far'"):
        OpenDSSGrid.build(circuit, FeederOptions(taps=()), HousePlan(3, ("far.A",)))


RESTLESS = """New PVSystem.p bus1=far kv=12.47 kva=300 pmpp=300
New XYCurve.steep npts=4 xarray=[0.5 0.999 1.001 1.5] yarray=[1 1 -1 -1]
New InvControl.i derlist=[PVSystem.p] mode=voltvar vvc_curve1=steep deltaq_factor=1
"""


def test_controls_that_find_no_rest_are_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "f.dss").write_text(HEAD + ONE_LINE + LOADS + FAR + RESTLESS + BASES)
    circuit = read_circuit(tmp_path / "f.dss", tmp_path)
    options = FeederOptions(taps=(), regcontrol=True)
    grid = OpenDSSGrid.build(circuit, options, HousePlan(3, ("m.A", "m.B", "m.C")))
    with pytest.raises(DivergenceError, match="own controls do not come to rest: they work") as why:
        _solved(grid)
    assert "do not come to rest at tick 4: they" in str(why.value.at_tick(4))


def test_a_motor_goes_on_with_two_phases(tmp_path: Path) -> None:
    motor = "New IndMach012.g bus1=far kv=12.47 kw=50 kva=100 H=6 slip=0.01\n"
    grid = _grid(tmp_path, HEAD + motor + ONE_LINE + LOADS + FAR + BASES)
    grid.apply(Fault("open_phase", "m-far", 0, 1, phases="B"))
    assert _solved(grid).other_p_kw > 40


def test_a_divergence_says_what_is_broken(tmp_path: Path) -> None:
    grid = _grid(tmp_path, _with_machine("holds a voltage"))
    grid.apply(Fault("three_phase", "far", 0, 1, phases="ABC"))
    with pytest.raises(DivergenceError, match="diverged with three_phase at far: worst node"):
        _solved(grid)


def test_an_open_phase_without_load_or_capacitance_behind_it_is_dark(tmp_path: Path) -> None:
    bare = "".join(
        f"New Line.b{n} bus1=b{n} bus2=b{n + 1} phases=3 {LINE}\n".replace("bus1=b0", "bus1=m")
        for n in range(30)
    )
    grid = _grid(tmp_path, HEAD + ONE_LINE + LOADS + bare + BASES)
    whole = _solved(grid)
    for place in ("m-b1", "b14-b15"):
        fault = Fault("open_phase", place, 0, 1, phases="C")
        grid.apply(fault)
        state = _solved(grid)
        np.testing.assert_allclose(state.house_v_pu, whole.house_v_pu, atol=1e-6)
        assert state.node_v_pu[grid.node_names.index("b30.C")] < 1e-3
        grid.clear(fault)
    np.testing.assert_allclose(_solved(grid).node_v_pu, whole.node_v_pu, atol=1e-6)
