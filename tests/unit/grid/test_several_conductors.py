"""Houses between two phases and on three, on low voltage and behind service transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from opendssdirect import dss

from p2p_cosim import conservation
from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import Fault, GridState, Injections
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.dss import read_circuit
from p2p_cosim.grid.houses import HousePlan, Tie
from p2p_cosim.grid.opendss import OpenDSSGrid

SOURCE = "clear\nnew circuit.mini bus1=src basekv={kv} pu=1.0 r1=0 x1=0.0001 r0=0 x0=0.0001\n"
LINE = "r1=0.3 x1=0.1 r0=0.6 x0=0.3 c1=0 c0=0 length=0.2 units=km"
EUROPE = f"""{SOURCE.format(kv=11)}
new transformer.t windings=2 buses=[src lv] conns=[delta wye] kvs=[11 0.4] kvas=[400 400] xhl=4
new line.l bus1=lv bus2=far phases=3 {LINE}
new load.l1 bus1=far.1 phases=1 kv=0.23 kw=4 pf=0.95
new load.l3 bus1=far phases=3 kv=0.4 kw=9 pf=0.95
set voltagebases=[11 0.4]
"""
AMERICA = f"""{SOURCE.format(kv=12.47)}
new transformer.t phases=1 windings=3 buses=[src.1 lv.1.0 lv.0.2] kvs=[7.2 0.12 0.12]
~ kvas=[25 25 25] xhl=2 xht=2 xlt=1.4
new line.l bus1=lv.1.2 bus2=far.1.2 phases=2 rmatrix=[0.5 | 0.2 0.5] xmatrix=[0.3 | 0.2 0.3]
~ cmatrix=[0 | 0 0] length=0.05 units=km
new load.l2 bus1=far.1.2 phases=1 kv=0.24 kw=3 pf=0.95
set voltagebases=[12.47 0.208]
"""
DELTA = f"""{SOURCE.format(kv=12.47)}
new transformer.t windings=2 buses=[src lv] conns=[wye delta] kvs=[12.47 0.48] kvas=[150 150] xhl=4
new line.l bus1=lv bus2=far phases=3 {LINE}
new load.l bus1=far phases=3 conn=delta kv=0.48 kw=9 pf=0.95
set voltagebases=[12.47 0.48]
"""


def _grid(folder: Path, text: str, *sites: str, count: int = 0, **plan: Any) -> OpenDSSGrid:
    (folder / "f.dss").write_text(text)
    circuit = read_circuit(folder / "f.dss", folder)
    where: Any = sites if sites else "at_loads"
    return OpenDSSGrid.build(
        circuit, FeederOptions(taps=()), HousePlan(count or len(sites), where, **plan)
    )


def _solved(grid: OpenDSSGrid, *p_kw: float) -> GridState:
    p = np.array(p_kw)
    grid.dispatch(Injections(p, 0.3 * p))
    state = grid.solve()
    conservation.check_power(state, tick=0)
    return state


def _by_hand(text: str, *commands: str) -> dict[str, complex]:
    """Node voltages in V of a file with more elements, from the engine itself."""
    engine: Any = dss.NewContext()
    engine.Basic.AllowChangeDir(False)
    for command in (*text.splitlines(), *commands, "set tolerance=1e-9", "solve"):
        engine.Text.Command(command)
    flat = np.array(engine.Circuit.AllBusVolts())
    names = [name.lower() for name in engine.Circuit.AllNodeNames()]
    return dict(zip(names, flat[0::2] + 1j * flat[1::2], strict=True))


DROP = "length=0.08 units=kft"
LIMITS = "vminpu=0.85 vmaxpu=1.15"
HALF = "0.29185", "0.03925"
"""Resistance and reactance of one conductor, ohm per 1000 ft."""


def test_a_house_on_three_phases_shares_its_power_alike(tmp_path: Path) -> None:
    state = _solved(_grid(tmp_path, EUROPE, "far.ABC"), 6.0)
    r, x = HALF
    v = _by_hand(
        EUROPE,
        f"new line.d bus1=far bus2=h phases=3 {DROP} rmatrix=[{r} | 0 {r} | 0 0 {r}]"
        f" xmatrix=[{x} | 0 {x} | 0 0 {x}] cmatrix=[0 | 0 0 | 0 0 0]",
        *(
            f"new load.h{n} bus1=h.{n} phases=1 kv=0.2309401 kw=2 kvar=0.6 {LIMITS}"
            for n in (1, 2, 3)
        ),
    )
    phases = np.array([abs(v[f"h.{n}"]) for n in (1, 2, 3)]) / (400 / np.sqrt(3))
    np.testing.assert_allclose(state.house_phase_v_pu[0], phases, atol=1e-6)
    assert state.house_v_pu[0] == pytest.approx(phases[np.abs(phases - 1).argmax()], abs=1e-6)
    assert state.house_p_kw[0] == pytest.approx(6.0, abs=1e-4)


def test_a_site_is_known_in_any_case_and_order(tmp_path: Path) -> None:
    grid = _grid(tmp_path, EUROPE, "FAR.ac", "Far.cba")
    assert [house.phase for house in grid.houses] == ["CA", "ABC"]


PAIRS = {
    "between phases at 400 V": (EUROPE, 400.0),
    "120/240 V": (AMERICA, 240.0),
    "behind a delta winding": (DELTA, 480.0),
}


@pytest.mark.parametrize("kind", PAIRS)
def test_a_house_between_two_conductors(tmp_path: Path, kind: str) -> None:
    text, base_v = PAIRS[kind]
    grid = _grid(tmp_path, text, "far.AB")
    state = _solved(grid, 5.0)
    r, x = HALF
    v = _by_hand(
        text,
        f"new line.d bus1=far.1.2 bus2=h.1.2 phases=2 {DROP} rmatrix=[{r} | 0 {r}]"
        f" xmatrix=[{x} | 0 {x}] cmatrix=[0 | 0 0]",
        f"new load.h bus1=h.1.2 phases=1 kv={base_v / 1e3} kw=5 kvar=1.5 {LIMITS}",
    )
    found_v = state.house_v_pu[0] * grid.houses[0].base_kv * 1e3
    assert found_v == pytest.approx(abs(v["h.1"] - v["h.2"]), abs=1e-3)
    # The nominal voltage is the file's base, of 120/240 V 0.208 kV line to line as if of three.
    assert grid.houses[0].base_kv * 1e3 == pytest.approx(base_v, rel=1e-3)
    assert state.house_phase_v_pu.size == 0


@pytest.mark.parametrize("kind", PAIRS)
def test_an_open_drop_between_two_conductors_is_dark_and_harms_nobody(
    tmp_path: Path, kind: str
) -> None:
    grid = _grid(tmp_path, PAIRS[kind][0], "far.AB", count=2)
    before = _solved(grid, 5.0, 0.0).house_v_pu[0]
    fault = Fault("house_outage", "house_2", 0, 1)
    grid.apply(fault)
    state = _solved(grid, 5.0, 5.0)
    assert state.house_v_pu[1] == 0
    assert state.house_p_kw[1] == pytest.approx(0, abs=1e-6)
    assert state.house_v_pu[0] == pytest.approx(before, abs=1e-6)
    grid.clear(fault)
    assert _solved(grid, 5.0, 5.0).house_v_pu[1] > 0.9


def test_houses_take_the_place_of_loads_of_every_kind(tmp_path: Path) -> None:
    grid = _grid(tmp_path, EUROPE, count=2)
    assert [f"{h.bus}.{h.phase}" for h in grid.houses] == ["far.A", "far.ABC"]
    split = _grid(tmp_path, AMERICA, count=1)
    assert (split.houses[0].phase, split.houses[0].base_kv) == ("AB", pytest.approx(0.24, abs=1e-3))
    with pytest.raises(GridError, match="the feeder has 2 such loads"):
        _grid(tmp_path, EUROPE, count=3)


def test_houses_by_load_stand_as_the_loads_of_low_voltage_do(tmp_path: Path) -> None:
    (tmp_path / "f.dss").write_text(AMERICA)
    circuit = read_circuit(tmp_path / "f.dss", tmp_path)
    plan = HousePlan(2, "by_load", mode="replace", nominal_house_kw=1.0)
    grid = OpenDSSGrid.build(circuit, FeederOptions(taps=()), plan)
    assert {house.phase for house in grid.houses} == {"AB"}
    assert [load.p_kw for load in grid.spot_loads] == [pytest.approx(1.0)]


def test_a_lost_phase_leaves_the_other_two_of_a_house(tmp_path: Path) -> None:
    grid = _grid(tmp_path, EUROPE, "far.ABC")
    whole = _solved(grid, 6.0)
    grid.apply(Fault("open_phase", "lv-far", 0, 1, phases="B"))
    state = _solved(grid, 6.0)
    assert state.house_phase_v_pu[0, 1] < 0.1
    assert state.house_v_pu[0] > 0.8
    assert state.house_p_kw[0] == pytest.approx(2 / 3 * whole.house_p_kw[0], rel=0.02)
    assert _solved(grid, -6.0).house_p_kw[0] == pytest.approx(0, abs=1e-6)


def _published(*sites: str, **plan: Any) -> OpenDSSGrid:
    return OpenDSSGrid.build(
        "ieee13", FeederOptions(taps=(9, 6, 9)), HousePlan(len(sites) * 2, sites, **plan)
    )


def test_service_transformers_of_three_phases_and_between_two() -> None:
    grid = _published("671.ABC", "675.BC")
    state = _solved(grid, 9.0, 9.0, 4.0, 4.0)
    assert [house.transformer for house in grid.houses] == ["service_1"] * 2 + ["service_2"] * 2
    np.testing.assert_allclose(state.house_p_kw, [9, 9, 4, 4], atol=1e-3)
    assert ((state.house_v_pu > 0.93) & (state.house_v_pu < 1.07)).all()
    at = [grid.node_names.index(f"671.{phase}") for phase in "ABC"]
    assert np.abs(state.house_phase_v_pu[0] - state.node_v_pu[at]).max() < 0.02
    assert np.isnan(state.house_phase_v_pu[2]).all()


def test_ties_of_houses_on_three_phases() -> None:
    grid = _published("671.ABC", per_transformer=1, ties=(Tie("house_1", "service_2"),))
    grid.apply(Fault("transformer_outage", "service_1", 0, 1))
    assert _solved(grid, 3.0, 3.0).house_v_pu[0] == 0
    grid.transfer("house_1", to_tie=True)
    state = _solved(grid, 3.0, 3.0)
    assert (state.house_phase_v_pu[0] > 0.9).all()
    assert state.house_p_kw[0] == pytest.approx(3.0, abs=1e-3)


def test_houses_on_three_phases_replace_a_part_of_every_phase() -> None:
    grid = _published("675.ABC", mode="replace", nominal_house_kw=6.0)
    left = {load.phases: load.p_kw for load in grid.spot_loads if load.bus == "675"}
    assert left == {"A": 485 - 4, "B": 68 - 4, "C": 290 - 4}


def test_low_voltage_without_ground_has_no_houses_on_three_phases(tmp_path: Path) -> None:
    with pytest.raises(
        GridError, match=r"has lv.AB, lv.BC, lv.CA \(it has no ground of less than 0.1 ohm"
    ):
        _grid(tmp_path, DELTA, "lv.ABC")
