"""What lines and transformers carry, and may carry."""

from __future__ import annotations

import numpy as np
import pytest

from p2p_cosim.core.types import Injections
from p2p_cosim.grid.houses import HousePlan
from p2p_cosim.grid.opendss import OpenDSSGrid
from p2p_cosim.record.rows.grid import unbalance


@pytest.fixture(scope="module")
def grid() -> OpenDSSGrid:
    return OpenDSSGrid.build("ieee13", houses=HousePlan(6, ("675.B",)))


def _loading(grid: OpenDSSGrid, p_kw: float) -> dict[str, float]:
    grid.dispatch(Injections(np.full(6, p_kw), np.zeros(6)))
    current_a = grid.solve().current_a
    pairs = zip(grid.rated_elements, current_a, strict=True)
    return {element.name: current / element.rated_a for element, current in pairs}


def test_a_service_transformer_is_full_at_its_nameplate(grid: OpenDSSGrid) -> None:
    loading = _loading(grid, -12.0)  # six houses export 72 kW through 50 kVA
    assert loading["service_1"] == pytest.approx(72 / 50 / 1.07, rel=0.03)  # at 1.07 pu
    assert loading["drop_house_1"] == pytest.approx(12e3 / 240 / 205 / 1.07, rel=0.03)


def test_ratings_are_those_of_the_published_conductors(grid: OpenDSSGrid) -> None:
    rated = {element.name: element.rated_a for element in grid.rated_elements}
    assert rated["line_rg60_632"] == 730
    assert rated["line_632_645"] == 230
    assert rated["reg_a"] == pytest.approx(5000 / (4.16 / 3**0.5))
    assert all(element.kind in ("line", "transformer") for element in grid.rated_elements)


def test_the_head_carries_what_the_published_solution_says(grid: OpenDSSGrid) -> None:
    loading = _loading(grid, 0.0)
    assert 0.7 < loading["line_rg60_632"] < 0.9  # 593 A of 730 at taps 10/8/11


def test_unbalance_after_nema() -> None:
    nodes = ("671.A", "671.B", "671.C", "652.A")
    assert unbalance(np.array([1.0, 1.0, 0.94, 0.5]), nodes) == pytest.approx(0.04 / 0.98)
    assert unbalance(np.array([1.0, 0.0, 0.94, 0.5]), nodes) == 0.0  # a dead phase is an outage
