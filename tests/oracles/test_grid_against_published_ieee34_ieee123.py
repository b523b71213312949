"""The larger feeders against their published solutions, at the published taps.

IEEE 34: voltages, rounded to 1e-4 pu there. IEEE 123: power taken in by each phase.
"""

from __future__ import annotations

import csv
from importlib import resources

import pytest

from p2p_cosim.core.types import GridState
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.opendss import OpenDSSGrid

PUBLISHED_34 = list(
    csv.DictReader(
        (resources.files("p2p_cosim.feeders") / "data/ieee34/published_voltages.csv")
        .read_text(encoding="utf-8")
        .splitlines()
    )
)


@pytest.fixture(scope="module")
def ieee34() -> tuple[OpenDSSGrid, GridState]:
    grid = OpenDSSGrid.build("ieee34", FeederOptions(taps=(12, 5, 5, 13, 11, 12)))
    return grid, grid.solve()


@pytest.mark.parametrize("row", PUBLISHED_34, ids=lambda row: f"{row['bus']}.{row['phase']}")
def test_ieee34_voltage(ieee34: tuple[OpenDSSGrid, GridState], row: dict[str, str]) -> None:
    grid, state = ieee34
    index = grid.node_names.index(f"{row['bus']}.{row['phase']}")
    assert state.node_v_pu[index] == pytest.approx(float(row["v_pu"]), abs=2.5e-4)


def test_ieee34_input_and_losses(ieee34: tuple[OpenDSSGrid, GridState]) -> None:
    """Published: 2042.872 kW in, of which 273.049 kW are lost.

    Half of a distributed load at either end loses a little less than a load spread evenly.
    """
    _, state = ieee34
    assert state.head_p_kw.sum() == pytest.approx(2042.872, abs=1)
    assert state.losses_kw == pytest.approx(273.049, abs=1)


def test_ieee123_input() -> None:
    """Published: 1463.861 + j582.101, 963.484 + j343.687 and 1193.153 + j398.976 kVA."""
    grid = OpenDSSGrid.build("ieee123", FeederOptions(taps=(7, -1, 0, -1, 8, 1, 5)))
    state = grid.solve()
    assert state.head_p_kw == pytest.approx([1463.861, 963.484, 1193.153], abs=0.2)
    assert state.head_q_kvar == pytest.approx([582.101, 343.687, 398.976], abs=1)


def test_ieee123_spot_loads() -> None:
    """Published totals: 3490 kW and 1920 kvar, by phase 1420, 915 and 1155 kW."""
    loads = OpenDSSGrid.build("ieee123").circuit.loads
    assert sum(load.p_kw for load in loads) == pytest.approx(3490)
    assert sum(load.q_kvar for load in loads) == pytest.approx(1920)
    by_phase = [sum(load.p_kw for load in loads if load.phase == phase) for phase in "ABC"]
    assert by_phase == pytest.approx([1420, 915, 1155])


@pytest.mark.parametrize("feeder", ["ieee34", "ieee123"])
def test_regulators_settle_within_their_range(feeder: str) -> None:
    grid = OpenDSSGrid.build(feeder)
    assert all(-16 <= tap <= 16 for tap in grid.taps.values())
    assert len(grid.taps) == {"ieee34": 6, "ieee123": 7}[feeder]
