"""Losses by class, fault currents and neutral voltages against what they must be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from p2p_cosim.core.types import Fault, GridState, Injections
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.dss import read_circuit
from p2p_cosim.grid.faults import FAULT_ELEMENT
from p2p_cosim.grid.houses import HousePlan
from p2p_cosim.grid.opendss import OpenDSSGrid

SITES = ("652.A", "611.C", "684.A", "684.C", "675.B")


@pytest.fixture(scope="module")
def grid() -> OpenDSSGrid:
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(9, 6, 9)), HousePlan(30, SITES))
    grid.dispatch(Injections(np.full(30, 3.0), np.zeros(30)))
    return grid


def test_losses_of_the_classes_are_the_losses(grid: OpenDSSGrid) -> None:
    state = grid.solve()
    parts = (state.losses.lines_kw, state.losses.transformers_kw, state.losses.services_kw)
    assert sum(parts) == pytest.approx(state.losses_kw, abs=1e-9)
    # 50 kVA: 0.2 % without load, and 1.2 % of the square of 18 kW.
    assert parts[2] == pytest.approx(5 * (0.1 + 0.6 * (18 / 50) ** 2) + 30 * _drop_kw(), rel=0.05)


def _drop_kw() -> float:
    return float((3e3 / 240) ** 2 * 0.5837 * 0.08 / 1e3)


PLACES = {
    "nothing": None,
    "short circuit": Fault("slg", "671", 0, 1, phases="A", impedance_ohm=2.0),
    "lateral": Fault("lateral_open", "632-645", 0, 1),
}


@pytest.mark.parametrize("fault", PLACES.values(), ids=PLACES)
def test_what_is_read_at_once_is_what_the_engine_says_one_by_one(
    grid: OpenDSSGrid, fault: Fault | None
) -> None:
    if fault is not None:
        grid.apply(fault)
    state = grid.solve()
    _assert_like_the_engine(grid, state)
    if fault is not None:
        grid.clear(fault)


USERS = """clear
new circuit.users basekv=12.47 pu=1 r1=0.1 x1=1 r0=0.1 x0=1
new vsource.second bus1=y phases=3 basekv=12.47 pu=0.99 r1=0.1 x1=1 r0=0.1 x0=1
new line.off bus1=sourcebus bus2=z length=1 enabled=no
new line.one bus1=sourcebus bus2=b length=1
new reactor.series bus1=b bus2=y r=1 x=1
new reactor.shunt bus1=b r=3000 x=3000
new capacitor.steady bus1=b kvar=50 r=2
new capacitor.still bus1=y kvar=50
new fault.stands bus1=b.1 phases=1 r=900
new transformer.small windings=2 buses=(b, x) conns=(wye, wye) kvs=(12.47, 0.48) kvas=(100, 100)
new load.small bus1=x kv=0.48 kw=60
new load.large bus1=y kv=12.47 kw=900
set voltagebases=[12.47, 0.48]
"""


def test_so_it_is_with_sources_and_shunts_and_what_is_disabled(tmp_path: Path) -> None:
    (tmp_path / "users.dss").write_text(USERS)
    grid = OpenDSSGrid.build(read_circuit(tmp_path / "users.dss", tmp_path))
    state = grid.solve()
    assert {element.name for element in grid.rated_elements} == {"one", "small"}
    _assert_like_the_engine(grid, state)
    used_kw = state.spot_p_kw.sum() + state.losses_kw
    assert state.head_p_kw.sum() == pytest.approx(used_kw, rel=1e-6)


def test_what_anchors_an_open_end_counts_nowhere() -> None:
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(9, 6, 9)), HousePlan(6, SITES))
    grid._engine.run(["new reactor.ground_end_1 phases=1 bus1=646.2 r=1e6 x=0"])
    _assert_like_the_engine(grid, grid.solve())


def _assert_like_the_engine(grid: OpenDSSGrid, state: GridState) -> None:
    """Losses, currents and the head by the engine's classic interface, element by element."""
    api = grid._engine.api
    names = [str(name).lower() for name in api.Circuit.AllElementNames()]
    kw = dict(zip(names, api.Circuit.AllElementLosses()[::2], strict=True))
    services = {
        name for name in kw if name.startswith(("line.drop_", "line.tie_", "transformer.service_"))
    }
    own = {name: value for name, value in kw.items() if name not in services}

    def total(kind: str) -> float:
        return float(sum(value for name, value in own.items() if name.startswith(kind)))

    assert state.losses.lines_kw == pytest.approx(total("line."), rel=1e-9)
    assert state.losses.transformers_kw == pytest.approx(total("transformer."), rel=1e-9)
    assert state.losses.services_kw == pytest.approx(sum(kw[name] for name in services), rel=1e-9)
    to_ground_kw = sum(kw[name] for name in grid.circuit.shunts) + total(FAULT_ELEMENT)
    losses_kw = api.Circuit.Losses()[0] / 1e3 + to_ground_kw
    assert state.losses_kw == pytest.approx(losses_kw, rel=1e-9)

    currents = zip(api.PDElements.AllNames(), api.PDElements.AllMaxCurrents(False), strict=True)
    by_name = {str(name).lower(): value for name, value in currents}
    rated = [by_name[f"{element.kind}.{element.name}"] for element in grid.rated_elements]
    assert state.current_a == pytest.approx(rated, rel=1e-9)

    powers, head = np.zeros(3), np.zeros(3, dtype=complex)
    for _ in api.Vsources:
        powers += api.CktElement.Powers()[:6:2]
        flat = np.array(api.CktElement.Currents())
        head += (flat[::2] + 1j * flat[1::2])[:3]
    assert state.head_p_kw == pytest.approx(-powers, rel=1e-9)
    assert state.head_a == pytest.approx(np.abs(head).max(), rel=1e-9)


@pytest.mark.parametrize(("kind", "phases"), [("slg", "A"), ("ll", "AB"), ("three_phase", "ABC")])
def test_the_current_of_a_short_circuit_obeys_ohm(
    grid: OpenDSSGrid, kind: str, phases: str
) -> None:
    fault = Fault(kind, "671", 0, 1, phases=phases, impedance_ohm=2.0)
    grid.apply(fault)
    state = grid.solve()
    grid.clear(fault)
    assert state.fault_a is not None
    dissipated_kw = state.losses_kw - sum(
        (state.losses.lines_kw, state.losses.transformers_kw, state.losses.services_kw)
    )
    ways = 1 if kind == "ll" else len(phases)
    if ways == 1:
        assert state.fault_a == pytest.approx((dissipated_kw * 1e3 / 2.0) ** 0.5, rel=1e-6)
    else:  # the fullest of three
        assert ways * state.fault_a**2 * 2.0 / 1e3 >= dissipated_kw
        assert state.fault_a == pytest.approx((dissipated_kw * 1e3 / ways / 2.0) ** 0.5, rel=0.1)
    assert state.head_a > state.fault_a
    assert grid.solve().fault_a is None


def test_the_head_carries_its_power_over_its_voltage(grid: OpenDSSGrid) -> None:
    state = grid.solve()
    kva = np.hypot(state.head_p_kw, state.head_q_kvar)
    assert state.head_a == pytest.approx(kva.max() / (4.16 / 3**0.5), rel=1e-4)
    assert state.neutral_v is None


FOUR_WIRES = """clear
new circuit.four bus1=src basekv=0.416 pu=1 r1=0 x1=0.0001 r0=0 x0=0.0001
new line.four bus1=src.1.2.3.0 bus2=end.1.2.3.4 phases=4 length=1 units=none
~ rmatrix=[0.1 | 0 0.1 | 0 0 0.1 | 0 0 0 0.1] xmatrix=[0.01 | 0 0.01 | 0 0 0.01 | 0 0 0 0.01]
~ cmatrix=[0 | 0 0 | 0 0 0 | 0 0 0 0]
new load.one bus1=end.1.4 phases=1 kv=0.24 kw=5 pf=1
set voltagebases=[0.416]
"""


def test_a_neutral_carries_the_current_back_and_has_its_voltage(tmp_path: Path) -> None:
    (tmp_path / "four.dss").write_text(FOUR_WIRES)
    grid = OpenDSSGrid.build(read_circuit(tmp_path / "four.dss", tmp_path))
    state = grid.solve()
    assert state.neutral_v is not None
    assert state.neutral_v == pytest.approx(state.head_a * abs(0.1 + 0.01j), rel=1e-6)
    assert state.neutral_v > 2
