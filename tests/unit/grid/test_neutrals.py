"""Where ground is: neutrals of four wires, and what joins buses without being a branch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from p2p_cosim import conservation
from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import Fault, GridState, Injections
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.dss import read_circuit
from p2p_cosim.grid.houses import HousePlan
from p2p_cosim.grid.opendss import OpenDSSGrid

HEAD = """Clear
New Circuit.mini bus1=src basekv=12.47 pu=1.0 r1=0 x1=0.0001 r0=0 x0=0.0001
New Line.a bus1=src bus2=m phases=3 r1=0.3 x1=0.6 r0=0.6 x0=1.8 c1=0 c0=0 length=2 units=km
New Load.l bus1=m kv=12.47 kw=90
"""
FOUR_WIRES = """New Transformer.t buses=[m low.1.2.3.STAR] conns=[delta wye] kvs=[12.47 .416] xhl=4
New Line.v bus1=low.1.2.3.STAR bus2=e.1.2.3.4 phases=4 length=0.2 units=km
~ cmatrix=[0|0 0|0 0 0|0 0 0 0]
~ rmatrix=[.3|.05 .3|.05 .05 .3|.05 .05 .05 .3] xmatrix=[.3|.1 .3|.1 .1 .3|.1 .1 .1 .3]
New Load.x1 bus1=e.1.4 phases=1 kv=0.24 kw=5
New Load.x2 bus1=e.2.4 phases=1 kv=0.24 kw=5
"""
BASES = "Set VoltageBases=[12.47 .416]\n"


def _grid(folder: Path, text: str, sites: str | tuple[str, ...], count: int = 2) -> OpenDSSGrid:
    (folder / "f.dss").write_text(HEAD + text + BASES)
    circuit = read_circuit(folder / "f.dss", folder)
    return OpenDSSGrid.build(circuit, FeederOptions(taps=()), HousePlan(count, sites))


def _solved(grid: OpenDSSGrid) -> GridState:
    houses = len(grid.houses)
    grid.dispatch(Injections(np.full(houses, 2.0), np.zeros(houses)))
    state = grid.solve()
    conservation.check_power(state, tick=0)
    return state


GROUNDS = {
    "reactor": "New Reactor.g bus1=low.4 phases=1 r=0.001 x=0\n",
    "reactor to node 0": "New Reactor.g bus1=low.4 bus2=low.0 phases=1 r=0.001 x=0\n",
    "line": "New Line.g bus1=low.4 bus2=low.0 phases=1 r1=0.001 x1=0 c1=0 length=1\n",
    "at the end of the neutral": "New Reactor.g bus1=e.4 phases=1 r=0.001 x=0\n",
}


@pytest.mark.parametrize("sites", [("e.A", "e.B"), "at_loads"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_a_neutral_of_its_own_that_is_joined_to_ground_serves_houses(
    tmp_path: Path, ground: str, sites: str | tuple[str, ...]
) -> None:
    grid = _grid(tmp_path, FOUR_WIRES.replace("STAR", "4") + GROUNDS[ground], sites)
    solid = _grid(tmp_path, FOUR_WIRES.replace("STAR", "0"), sites)
    assert [(h.bus, h.phase) for h in grid.houses] == [("e", "A"), ("e", "B")]
    # The neutral of the line has 0.06 ohm, which is in another place of the loop.
    np.testing.assert_allclose(_solved(grid).house_v_pu, _solved(solid).house_v_pu, atol=2e-2)


@pytest.mark.parametrize("ground", ["", "New Reactor.g bus1=low.4 phases=1 r=5 x=0\n"])
def test_a_neutral_far_from_ground_serves_none(tmp_path: Path, ground: str) -> None:
    with pytest.raises(GridError, match=r"no ground of less than 0.1 ohm, so houses stand betw"):
        _grid(tmp_path, FOUR_WIRES.replace("STAR", "4") + ground, ("e.A",))


IN_SERIES = {
    "a source": "Vsource.s bus1=m bus2=k basekv=1 pu=0.5 phases=3 r1=0.001 x1=0.01",
    "a standing fault": "Fault.s bus1=m bus2=k phases=3 r=0.01",
}


@pytest.mark.parametrize("kind", IN_SERIES)
def test_what_stands_in_series_feeds_and_is_counted(tmp_path: Path, kind: str) -> None:
    text = f"New {IN_SERIES[kind]}\nNew Load.k bus1=k kv=12.47 kw=90\n"
    generator = "New Generator.g bus1=k kv=12.47 kw=20\n"
    grid = _grid(tmp_path, text + generator, ("k.A", "k.B"))
    assert _solved(grid).other_p_kw < -15
    fault = Fault("house_outage", "house_1", 0, 1)
    grid.apply(fault)
    state = _solved(grid)
    assert state.house_v_pu[0] == 0
    assert state.house_v_pu[1] > 0.9
    assert state.other_p_kw < -15
