"""Of many opens a utility assumes those that its readings can tell apart, and loses none."""

from __future__ import annotations

import numpy as np
import pytest

from p2p_cosim.core.types import Fault, Injections
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.faults import assumed_opens, hypotheses, possible_opens
from p2p_cosim.grid.houses import HousePlan
from p2p_cosim.grid.opendss import OpenDSSGrid

HOUSES = 12


@pytest.fixture(scope="module")
def grid() -> OpenDSSGrid:
    grid = OpenDSSGrid.build("ieee123", FeederOptions(), HousePlan(HOUSES, "by_load"))
    grid.dispatch(Injections(np.full(HOUSES, 1.0), np.full(HOUSES, 0.25)))
    return grid


def darkened(grid: OpenDSSGrid, broken: Fault) -> tuple[bytes, bytes]:
    """Which houses and loads the engine leaves without power."""
    grid.apply(broken)
    try:
        state = grid.solve()
    finally:
        grid.clear(broken)
    return (state.house_v_pu > 0.1).tobytes(), (np.abs(state.spot_p_kw) > 1e-3).tobytes()


def test_a_feeder_with_few_lines_keeps_every_open(grid: OpenDSSGrid) -> None:
    opens = possible_opens(grid.circuit, grid.houses)
    assert assumed_opens(grid.circuit, grid.houses) == opens
    assert len(opens) < hypotheses.MOST_OPENS


def test_what_is_left_out_darkens_the_same_as_what_is_kept(
    grid: OpenDSSGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hypotheses, "MOST_OPENS", 0)
    kept = assumed_opens(grid.circuit, grid.houses)
    every = possible_opens(grid.circuit, grid.houses)
    left_out = [fault for fault in every if fault not in set(kept) and fault.kind != "open_phase"]
    assert left_out
    assert len(kept) + len(left_out) <= len(every)
    known = {darkened(grid, fault) for fault in kept if fault.kind != "open_phase"}
    for fault in left_out:
        assert darkened(grid, fault) in known, fault


def test_different_phases_are_different_opens(
    grid: OpenDSSGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hypotheses, "MOST_OPENS", 0)
    kept = assumed_opens(grid.circuit, grid.houses)
    assert {fault.phases for fault in kept if fault.kind == "open_phase"} == {"A", "B", "C"}
