"""What every Grid must do, whatever solves the power flow.

A new implementation adds a factory to GRIDS that builds ten houses, at least two of them
behind one transformer, with all taps at 4 and a tie from house_1 to another transformer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from p2p_cosim.core.errors import DivergenceError, GridError
from p2p_cosim.core.protocols import Grid
from p2p_cosim.core.types import Fault, GridState, Injections, TapMove
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.houses import HousePlan, Tie
from p2p_cosim.grid.opendss import OpenDSSGrid

HOUSES = 10


def opendss() -> Grid:
    plan = HousePlan(
        HOUSES, ("652.A", "675.B"), per_transformer=4, ties=(Tie("house_1", "service_2", 100),)
    )
    return OpenDSSGrid.build("ieee13", FeederOptions(taps=(4, 4, 4)), plan)


GRIDS: dict[str, Callable[[], Grid]] = {"opendss": opendss}


@pytest.fixture(params=GRIDS)
def grid(request: pytest.FixtureRequest) -> Grid:
    return GRIDS[request.param]()


def evenly(p_kw: float, spot_scale: float = 1.0) -> Injections:
    return Injections(np.full(HOUSES, p_kw), np.full(HOUSES, 0.1), spot_scale)


def solved(grid: Grid, injections: Injections) -> GridState:
    grid.dispatch(injections)
    return grid.solve()


def outage(place: str) -> Fault:
    return Fault("house_outage", place, 0, 1)


def test_is_a_grid(grid: Grid) -> None:
    assert isinstance(grid, Grid)


def test_shapes_and_names(grid: Grid) -> None:
    state = solved(grid, evenly(1.0))
    houses = (HOUSES,)
    assert [house.name for house in grid.houses] == [f"house_{i + 1}" for i in range(HOUSES)]
    assert state.house_v_pu.shape == state.house_p_kw.shape == state.house_q_kvar.shape == houses
    assert state.spot_p_kw.shape == (len(grid.spot_loads),)
    assert state.node_v_pu.shape == (len(grid.node_names),)
    assert state.head_p_kw.shape == state.head_q_kvar.shape == (3,)
    assert len(set(grid.node_names)) == len(grid.node_names)
    assert {f"{house.bus}.{house.phase}" for house in grid.houses} <= set(grid.node_names)
    assert sorted(grid.regulators.values()) == ["A", "B", "C"]
    assert state.taps == (4, 4, 4)


def test_delivers_what_was_dispatched(grid: Grid) -> None:
    p_kw = np.linspace(-6, 4, HOUSES)
    q_kvar = np.linspace(1, -0.5, HOUSES)
    state = solved(grid, Injections(p_kw, q_kvar))
    assert state.house_p_kw == pytest.approx(p_kw, abs=1e-5)
    assert state.house_q_kvar == pytest.approx(q_kvar, abs=1e-5)


def test_power_balances(grid: Grid) -> None:
    for injections in (evenly(4.0), evenly(-7.0), evenly(0.0, 0.0), evenly(1.0, 0.4)):
        state = solved(grid, injections)
        used_kw = state.house_p_kw.sum() + state.spot_p_kw.sum() + state.losses_kw
        assert state.head_p_kw.sum() == pytest.approx(used_kw, abs=1e-3)
        assert state.losses_kw > 0


def test_consumption_lowers_and_export_raises_the_voltage(grid: Grid) -> None:
    idle, buying, selling = (solved(grid, evenly(p)).house_v_pu for p in (0.0, 5.0, -5.0))
    assert (buying < idle).all()
    assert (idle < selling).all()


def test_spot_scale_scales_every_published_load(grid: Grid) -> None:
    full, none = solved(grid, evenly(1.0)), solved(grid, evenly(1.0, 0.0))
    assert (full.spot_p_kw > 0).all()
    assert none.spot_p_kw == pytest.approx(0, abs=1e-6)
    assert solved(grid, evenly(1.0)).spot_p_kw == pytest.approx(full.spot_p_kw, abs=1e-4)


def test_a_higher_tap_raises_its_own_phase(grid: Grid) -> None:
    before = solved(grid, evenly(1.0))
    name = next(name for name, phase in grid.regulators.items() if phase == "B")
    grid.set_tap(TapMove(name, 6, "test"))
    after = grid.solve()
    rise = after.house_v_pu - before.house_v_pu
    on_b = np.array([house.phase == "B" for house in grid.houses])
    assert (rise[on_b] > 0.01).all()
    assert np.abs(rise[~on_b]).max() < 2e-3
    assert after.taps == tuple(6 if name == own else 4 for own in grid.regulators)


@pytest.mark.parametrize("tap", [17, -17, 99])
def test_a_tap_beyond_the_range_is_refused_and_changes_nothing(grid: Grid, tap: int) -> None:
    before = solved(grid, evenly(1.0))
    with pytest.raises(GridError, match=f"tap {tap} for regulator"):
        grid.set_tap(TapMove(next(iter(grid.regulators)), tap, "test"))
    after = grid.solve()
    assert after.taps == before.taps
    assert after.house_v_pu == pytest.approx(before.house_v_pu, abs=1e-8)


def test_an_unknown_regulator_is_refused(grid: Grid) -> None:
    with pytest.raises(GridError, match="did you mean"):
        grid.set_tap(TapMove("reg_bb", 1, "test"))


def test_wrong_shapes_are_refused(grid: Grid) -> None:
    with pytest.raises(GridError, match="shape"):
        grid.dispatch(Injections(np.zeros(HOUSES + 1), np.zeros(HOUSES + 1)))


@pytest.mark.parametrize("p_kw", [5.0, 0.0, -7.0])
def test_an_outage_takes_the_supply_and_a_repair_gives_it_back(grid: Grid, p_kw: float) -> None:
    before = solved(grid, evenly(p_kw))
    grid.apply(outage("house_2"))
    during = grid.solve()
    assert (during.house_v_pu == 0).tolist() == [index == 1 for index in range(HOUSES)]
    assert during.house_p_kw[1] == during.house_q_kvar[1] == 0
    assert during.head_p_kw.sum() == pytest.approx(
        during.house_p_kw.sum() + during.spot_p_kw.sum() + during.losses_kw, abs=1e-3
    )
    again = solved(grid, evenly(p_kw - 1))
    assert again.house_v_pu[1] == again.house_p_kw[1] == again.house_q_kvar[1] == 0
    siblings = np.arange(HOUSES) != 1
    assert np.abs(during.house_v_pu - before.house_v_pu)[siblings].max() < 3e-3
    grid.clear(outage("house_2"))
    after = solved(grid, evenly(p_kw))
    assert after.house_v_pu == pytest.approx(before.house_v_pu, abs=1e-6)
    assert after.house_p_kw == pytest.approx(before.house_p_kw, abs=1e-5)


def test_a_repair_restores_the_last_dispatch(grid: Grid) -> None:
    before = solved(grid, evenly(3.0))
    grid.apply(outage("house_1"))
    grid.solve()
    grid.clear(outage("house_1"))
    assert grid.solve().house_p_kw == pytest.approx(before.house_p_kw, abs=1e-5)


def test_a_tie_feeds_a_house_that_lost_its_drop_until_it_goes_back(grid: Grid) -> None:
    before = solved(grid, evenly(2.0))
    grid.apply(outage("house_1"))
    grid.transfer("house_1", True)
    fed = grid.solve()
    assert fed.house_p_kw[0] == pytest.approx(2.0, abs=1e-5)
    assert 0.9 < fed.house_v_pu[0] != pytest.approx(before.house_v_pu[0], abs=1e-5)
    grid.transfer("house_1", False)
    assert grid.solve().house_v_pu[0] == 0
    grid.clear(outage("house_1"))
    assert grid.solve().house_v_pu == pytest.approx(before.house_v_pu, abs=1e-6)


def test_a_house_without_a_tie_cannot_be_transferred(grid: Grid) -> None:
    with pytest.raises(GridError, match="house with a tie"):
        grid.transfer("house_2", True)


def test_overlapping_outages_of_a_house_end_with_the_last(grid: Grid) -> None:
    first, second = outage("house_3"), replace(outage("house_3"), end_tick=9)
    grid.apply(first)
    grid.apply(second)
    grid.clear(first)
    assert solved(grid, evenly(1.0)).house_v_pu[2] == 0
    grid.clear(second)
    assert grid.solve().house_v_pu[2] > 0.9


@pytest.mark.parametrize(
    ("fault", "nearest"),
    [(outage("house_111"), "house_1"), (Fault("house_outtage", "house_1", 0, 1), "house_outage")],
)
def test_an_unknown_fault_names_the_nearest(grid: Grid, fault: Fault, nearest: str) -> None:
    for act in (grid.apply, grid.clear):
        with pytest.raises(GridError, match=f"did you mean '{nearest}"):
            act(fault)


@pytest.mark.parametrize("bad_kw", [2e4, -2e4, np.nan, np.inf])
def test_a_bad_dispatch_raises_and_leaves_no_trace(grid: Grid, bad_kw: float) -> None:
    expected = solved(grid, evenly(1.0))
    p_kw = np.ones(HOUSES)
    p_kw[7] = bad_kw
    grid.dispatch(Injections(p_kw, np.full(HOUSES, 0.1)))
    for _ in range(2):
        with pytest.raises(DivergenceError) as caught:
            grid.solve()
        assert caught.value.worst_node == "house_8"
    # The matrix is renewed while the bad dispatch stands: nothing of it may stay.
    grid.set_tap(TapMove(next(iter(grid.regulators)), 4, "test"))
    recovered = solved(grid, evenly(1.0))
    assert recovered.house_v_pu == pytest.approx(expected.house_v_pu, abs=1e-8)
    assert recovered.head_p_kw == pytest.approx(expected.head_p_kw, abs=1e-3)


def test_a_state_is_not_changed_by_the_next_solve(grid: Grid) -> None:
    state = solved(grid, evenly(1.0))
    fields = ("house_v_pu", "house_p_kw", "spot_p_kw", "node_v_pu", "head_p_kw")
    kept = [getattr(state, name).copy() for name in fields]
    grid.apply(outage("house_4"))
    solved(grid, evenly(-5.0, 0.5))
    for name, values in zip(fields, kept, strict=True):
        assert (getattr(state, name) == values).all(), name


def test_a_dispatch_is_not_changed_from_outside(grid: Grid) -> None:
    injections = evenly(2.0)
    grid.dispatch(injections)
    injections.house_p_kw[:] = 9.0
    assert grid.solve().house_p_kw == pytest.approx(np.full(HOUSES, 2.0), abs=1e-5)


@pytest.mark.parametrize("make", GRIDS.values(), ids=GRIDS)
def test_two_interleaved_grids_do_not_disturb_each_other(make: Callable[[], Grid]) -> None:
    alone = [solved(grid, evenly(p)).house_v_pu for grid in [make()] for p in (1.0, -7.0, 3.0)]
    first, second = make(), make()
    for p_kw, expected in zip((1.0, -7.0, 3.0), alone, strict=True):
        first.dispatch(evenly(p_kw))
        second.set_tap(TapMove("reg_b", 0, "test"))
        second.apply(outage("house_1"))
        solved(second, evenly(6.0, 0.3))
        second.clear(outage("house_1"))
        assert (first.solve().house_v_pu == expected).all()
