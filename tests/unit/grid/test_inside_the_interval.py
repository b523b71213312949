"""Controls with delays, and a head whose voltage changes during a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from opendssdirect import dss

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import Injections
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.dss import read_circuit
from p2p_cosim.grid.opendss import OpenDSSGrid

FEEDER = """clear
new circuit.c bus1=s basekv=12.47 pu=0.97 r1=0 x1=0.0001 r0=0 x0=0.0001
new transformer.reg phases=3 windings=2 buses=[s m] kvs=[12.47 12.47] kvas=[5000 5000] xhl=0.01
new line.l bus1=m bus2=n phases=3 r1=0.3 x1=0.6 r0=0.6 x0=1.8 c1=0 c0=0 length=5 units=km
new load.l bus1=n kv=12.47 kw=2000 kvar=960
new capacitor.c bus1=n kv=12.47 kvar=600
new regcontrol.r transformer=reg winding=2 vreg=122 band=2 ptratio=60 delay=90
new capcontrol.cc capacitor=c element=line.l terminal=1 type=kvar ptratio=1 ctratio=1
~ onsetting=300 offsetting=-200 delay=100 delayoff=120
set voltagebases=[12.47]
"""
SCALE = np.repeat([0.3, 1.0, 0.3], [10, 20, 10])
NO_HOUSES = np.zeros(0)


def _grid(folder: Path, *, delays: bool = True) -> OpenDSSGrid:
    (folder / "f.dss").write_text(FEEDER)
    options = FeederOptions(taps=(0,), regcontrol=True, delays=delays)
    return OpenDSSGrid.build(read_circuit(folder / "f.dss", folder), options)


def _stock() -> list[tuple[float, int, float]]:
    """Tap, steps of the capacitor and voltage by minute, from the engine's own daily mode."""
    engine: Any = dss.NewContext()
    engine.Basic.AllowChangeDir(False)
    for command in FEEDER.splitlines():
        engine.Text.Command(command)
    engine.Text.Command("calcvoltagebases")
    engine.Text.Command("set mode=daily stepsize=60s number=1 controlmode=time tolerance=1e-8")
    found = []
    for scale in SCALE:
        engine.Loads.Name("l")
        engine.Loads.kW(2000 * scale)
        engine.Loads.kvar(960 * scale)
        engine.Solution.Solve()
        engine.Transformers.Name("reg")
        engine.Transformers.Wdg(2)
        engine.Capacitors.Name("c")
        engine.Circuit.SetActiveBus("n")
        tap, closed = engine.Transformers.Tap(), engine.Capacitors.States()[0]
        found.append((tap, closed, engine.Bus.puVmagAngle()[0]))
    return found


def test_delays_are_those_of_the_engines_own_series_over_time(tmp_path: Path) -> None:
    grid = _grid(tmp_path)
    node = grid.node_names.index("n.A")
    moved = set()
    for minute, (tap, closed, v_pu) in enumerate(_stock(), start=1):
        scale = float(SCALE[minute - 1])
        grid.dispatch(Injections(NO_HOUSES, NO_HOUSES, scale, at_s=60.0 * minute))
        state = grid.solve()
        assert (1 + 0.00625 * state.taps[0], *state.capacitors) == (pytest.approx(tap), closed)
        assert state.node_v_pu[node] == pytest.approx(v_pu, abs=1e-7)
        moved.add((state.taps, state.capacitors))
    assert len(moved) > 8  # or the controls had nothing to do


def test_without_delays_controls_come_to_rest_within_a_solve(tmp_path: Path) -> None:
    grid = _grid(tmp_path, delays=False)
    first = grid.solve()
    assert grid.solve().taps == first.taps
    assert first.taps[0] > 3


def test_the_head_follows_its_series_and_forgets_nothing(tmp_path: Path) -> None:
    grid = _grid(tmp_path)
    source = grid.node_names.index("s.A")
    for v_pu in (1.02, 0.98, 1.02):
        grid.dispatch(Injections(NO_HOUSES, NO_HOUSES, 0.3, v_pu, at_s=0.0))
        state = grid.solve()
        assert state.source_v_pu == v_pu
        assert state.node_v_pu[source] == pytest.approx(v_pu, abs=1e-5)
    grid.dispatch(Injections(NO_HOUSES, NO_HOUSES, 0.3, at_s=0.0))
    assert grid.solve().node_v_pu[source] == pytest.approx(1.02, abs=1e-5)


def test_a_voltage_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GridError, match="source_v_pu nan is not a positive number"):
        _grid(tmp_path).dispatch(Injections(NO_HOUSES, NO_HOUSES, 1.0, float("nan")))
