"""Losses by class, fault currents and neutral voltages against what they must be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from p2p_cosim.core.types import Fault, Injections
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.dss import read_circuit
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
    assert state.neutral_v == pytest.approx(state.head_a * abs(0.1 + 0.01j), rel=1e-6)
    assert state.neutral_v > 2
