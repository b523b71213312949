"""What people write in DSS files, each in a few lines, against the stock engine's own reading."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from stock_engine import node_voltages

from p2p_cosim import conservation
from p2p_cosim.core.types import Injections
from p2p_cosim.feeders.elements import PHASE_NODE
from p2p_cosim.grid.circuit import Circuit
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.dss import read_circuit
from p2p_cosim.grid.houses import HousePlan
from p2p_cosim.grid.opendss import OpenDSSGrid

TOLERANCE_PU = 1e-6

HEAD = """Clear
New Circuit.mini bus1=src basekv=12.47 pu=1.02 mvasc3=200 mvasc1=210
New LineCode.lc nphases=3 r1=0.3 x1=0.6 r0=0.6 x0=1.8 c1=3 c0=2 units=km
New Line.a bus1=src bus2=m linecode=lc length=2 units=km
"""
LOADS = """New Load.l1 bus1=m.1 phases=1 kv=7.2 kw=40 kvar=10
New Load.l3 bus1=m phases=3 kv=12.47 kw=240 pf=.9
New Transformer.t phases=3 windings=2 buses=(m n) conns=(delta wye) kvs=(12.47 0.48)
~ kvas=(500 500) xhl=5 %r=.6
New Load.n bus1=n.2 phases=1 kv=.277 kw=20 pf=.95
"""
BASES = "Set VoltageBases=[12.47 0.48]\n"
PV = """New XYCurve.e npts=3 xarray=[.1 .5 1] yarray=[.8 .9 .95]
New XYCurve.pt npts=2 xarray=[0 75] yarray=[1.2 .8]
New PVSystem.p bus1=n kv=.48 kva=200 pmpp=180 irradiance=.9 temperature=50 effcurve=e p-tcurve=pt
"""
UNIT = "phases=1 windings=2 kvs=(7.2 7.2) kvas=(500 500) xhl=.1 %loadloss=.001"
REGULATORS = f"""New Transformer.r1 buses=(m.1 q.1) {UNIT}
New Transformer.r2 like=r1 buses=(m.2 q.2)
New Transformer.r3 like=r1 buses=(m.3 q.3)
New RegControl.c1 transformer=r1 winding=2 vreg=126 band=2 ptratio=60
New RegControl.c2 like=c1 transformer=r2
New RegControl.c3 like=c1 transformer=r3
New Load.q bus1=q kv=12.47 kw=600 pf=.9
"""
TAIL = "New Line.k bus1=m bus2=k linecode=lc length=1\nNew Load.k bus1=k kv=12.47 kw=100\n"
KINDS = {
    # After `like=` the engine's active element is the one that was copied.
    "a copy that goes on": "New Load.c like=l3 bus1=m\n~ kw=90\nNew Load.d like=l3 bus1=m kw=90\n",
    "commands cut short": "N Load.c bus1=m.2 phases=1\nMo kv=7.2\nM kw=40\nEd load.c kvar=7\n",
    "properties alone": "New Load.c bus1=m.2 phases=1\nkv=7.2\nkw=30 kvar=9\n"
    "load.l3.kw=100\nkvar=3\n",
    "what goes on with something skipped": "New Monitor.x element=line.a\n~ terminal=2\nmode=1\n"
    "New Load.c bus1=m kv=12.47 kw=50\n",
    "selected, and gone on with": "Select load.l3\n~ kw=77\n",
    # U+0085 is an ellipsis of Windows read as Latin-1, and no end of a line.
    "comments with any sign": "New Load.c bus1=m kv=12.47 kw=10 ! 2\x85 3\u2028 Redirect x\n",
    "variables": "var @kw=40 @kv=7.2\nVar @x=(2 3 *)\n"
    "New Load.c bus1=m.3 phases=1 kv=@kv kw=@kw kvar=@x\n",
    "many at once": "BatchEdit load..* kw=17\n~ kw=9\nbatchedit line..* length=1.5\n",
    "curves of PV systems": PV,
    "loads by their transformers": "New Load.c bus1=m.2 phases=1 kv=7.2 kva=30 pf=-.9\n"
    "New Load.d bus1=m.3 phases=1 kv=7.2 xfkva=50 allocationfactor=.6 pf=.8\n",
    "units of several kinds": "New Line.b bus1=m bus2=k linecode=lc length=3 units=kft\n"
    "New Line.c bus1=k bus2=l linecode=lc length=.2\nNew Load.c bus1=l kv=12.47 kw=300\n",
    "phases in another order": "New Transformer.u phases=3 windings=2 buses=(v m.2.1.3)"
    " conns=(wye delta) kvs=(.48 12.47) kvas=(300 300)\n"
    "New Load.v bus1=v.2 phases=1 kv=.277 kw=9\n",
    "two halves of one winding": "New Transformer.u phases=1 windings=3"
    " buses=(m.1 h.1.0 h.0.2) kvs=(7.2 .12 .12) kvas=(25 25 25) %rs=(.6 1.2 1.2)\n"
    "New Load.h bus1=h.1.2 phases=1 kv=.24 kw=8\nNew Load.i bus1=h.1 phases=1 kv=.12 kw=2\n",
    "a second source": "New Vsource.two bus1=z basekv=12.47 pu=.99 mvasc3=100 mvasc1=90\n"
    "New Line.z bus1=z bus2=m linecode=lc length=5 units=km\n",
    "names with dots, blanks and signs": 'New "Line.é b.c" bus1=m bus2="k ö" linecode=lc\n'
    'New "Load.a.b" bus1="k ö" kv=12.47 kw=100\nedit "load.A.B" kvar=9\n',
    "a current source": "New Isource.i bus1=n.1 phases=1 amps=20 angle=0\n",
    "an induction machine": "New IndMach012.g bus1=n kw=80 kv=.48 kva=120 H=6 D=0 purs=.048"
    " puxs=.075 purr=.018 puxr=.12 puxm=3.8 slip=.02 slipoption=variableslip\n",
    "a switch that its control opens": TAIL + "New SwtControl.s Line.k 1 State=open\n",
    "a switch that is open by its control's action": TAIL
    + "New SwtControl.s SwitchedObj=Line.k\n~ SwitchedTerm=2 Action=o\n",
    "a fuse with one pole open": TAIL + "New Fuse.f Line.k state=[closed open closed]\n",
}


def _circuit(folder: Path, text: str) -> tuple[Path, Circuit]:
    master = folder / "master.dss"
    master.write_text(text, encoding="utf-8")
    return master, read_circuit(master, folder)


def _check(master: Path, circuit: Circuit, *, controls: bool) -> None:
    taps = (0,) * len(circuit.regulators)
    grid = OpenDSSGrid.build(circuit, FeederOptions(taps=taps, regcontrol=controls))
    state = grid.solve()
    conservation.check_power(state, tick=0)
    neutral = [(regulator.name, regulator.winding) for regulator in circuit.regulators]
    stock_v = node_voltages(master, neutral, controls=controls)
    assert stock_v is not None
    for node, v_pu in zip(grid.node_names, state.node_v_pu, strict=True):
        bus, _, phase = node.rpartition(".")
        base_v = circuit.buses[bus].base_kv * 1e3 / np.sqrt(3)
        stock_pu = stock_v[f"{bus}.{PHASE_NODE[phase]}"] / base_v
        assert v_pu == pytest.approx(stock_pu, abs=TOLERANCE_PU), node


@pytest.mark.parametrize("regcontrol", [False, True])
def test_houses_beside_a_generator_that_holds_its_voltage(tmp_path: Path, regcontrol: bool) -> None:
    """What they draw in the first tick is what the network carries, and not their nominal power."""
    generator = "New Generator.g bus1=m kv=12.47 kw=80 model=3\n"
    _, circuit = _circuit(tmp_path, HEAD + LOADS + REGULATORS + generator + BASES)
    grid = OpenDSSGrid.build(circuit, FeederOptions(regcontrol=regcontrol), HousePlan(5, "by_load"))
    grid.dispatch(Injections(np.array([3.0, -4.0, -1.5, 0.0, -1.9]), np.zeros(5)))
    conservation.check_power(grid.solve(), tick=0)


@pytest.mark.parametrize("what", KINDS)
def test_what_people_write_is_solved_as_the_engine_reads_it(tmp_path: Path, what: str) -> None:
    _check(*_circuit(tmp_path, HEAD + LOADS + KINDS[what] + BASES), controls=False)


CONTROLS = {
    "volt-var": PV + "New XYCurve.vv npts=4 xarray=[.5 .98 1.02 1.5] yarray=[1 1 -1 -1]\n"
    "New InvControl.i mode=voltvar vvc_curve1=vv\n~ pvsystemlist=[p]\n",
    "regulators of single phases": REGULATORS,
    "taps on winding 1": REGULATORS.replace("winding=2 vreg", "winding=2 tapwinding=1 vreg"),
    "a switched capacitor": "New Capacitor.c bus1=m kvar=300 kv=12.47 numsteps=2\n"
    "New CapControl.cc capacitor=c element=line.a terminal=1 type=kvar on=50 off=-50\n",
}


@pytest.mark.parametrize("what", CONTROLS)
def test_the_feeders_own_controls_end_where_the_engine_has_them(tmp_path: Path, what: str) -> None:
    master, circuit = _circuit(tmp_path, HEAD + LOADS + CONTROLS[what] + BASES)
    assert circuit.controls
    _check(master, circuit, controls=False)
    _check(master, circuit, controls=True)
    off, on = (node_voltages(master, [], controls=controls) for controls in (False, True))
    assert off is not None
    assert on is not None
    assert max(abs(on[node] - off[node]) for node in off) > 1, "the controls do nothing here"


def test_the_default_frequency_outlasts_a_clear(tmp_path: Path) -> None:
    cable = "New Line.k bus1=m bus2=k r1=.1 x1=.3 c1=900 c0=500 length=9 units=km\n"
    text = "Set DefaultBaseFreq=50\n" + HEAD + LOADS + cable + BASES
    _check(*_circuit(tmp_path, text), controls=False)


@pytest.mark.parametrize(
    ("source", "bases", "expected_kv"),
    [
        # Of one phase: the source is rated to neutral, and bases are between lines.
        ("phases=1 bus1=src.1 basekv=7.2", "7.2", 12.471),
        # The engine goes by a bus's first conductor, which is dead here.
        ("bus1=src basekv=12.47", "115 12.47 0.48", 12.47),
    ],
)
def test_a_base_is_the_voltage_of_the_live_conductor(
    tmp_path: Path, source: str, bases: str, expected_kv: float
) -> None:
    text = f"""Clear
New Circuit.mini {source}
New Line.dead bus1=y.2 bus2=z.2 phases=1 switch=yes
New Line.a bus1=src.1 bus2=z.1 phases=1 r1=.3 x1=.4 length=1
New Load.z bus1=z.1 phases=1 kv=7.2 kw=100
Set VoltageBases=[{bases}]
"""
    master, circuit = _circuit(tmp_path, text)
    assert circuit.buses["z"].base_kv == pytest.approx(expected_kv, abs=1e-3)
    _check(master, circuit, controls=False)


def test_a_list_of_inverters_as_the_engine_saves_it_is_one_of_names(tmp_path: Path) -> None:
    text = HEAD + LOADS + CONTROLS["volt-var"] + BASES
    _, written = _circuit(tmp_path, text)
    # The engine itself refuses what it has saved here.
    _, saved = _circuit(tmp_path, text.replace("[p]", "[PVSystem.p]"))
    assert saved.controls == written.controls


CURVES = (
    "npts=3 xarray=[.1 .5 1] yarray=[.8 .9 .95]",
    # With these the engine itself ends the process.
    "points=[.1,.8 .5,.9 1,.95]",
    "xarray=[.1 .5 1]\n~ yarray=[.8 .9 .95]",
    "3 (.1 .8 .5 .9 1 .95)",
)


@pytest.mark.parametrize("curve", CURVES)
def test_a_curve_is_the_same_however_it_is_written(tmp_path: Path, curve: str) -> None:
    _, first = _circuit(tmp_path, HEAD + LOADS + PV + BASES)
    master = tmp_path / "master.dss"
    text = master.read_text(encoding="utf-8")
    assert CURVES[0] in text
    _, circuit = _circuit(tmp_path, text.replace(CURVES[0], curve))
    states = [OpenDSSGrid.build(c, FeederOptions(taps=())).solve() for c in (first, circuit)]
    np.testing.assert_allclose(states[0].node_v_pu, states[1].node_v_pu, atol=1e-9)
