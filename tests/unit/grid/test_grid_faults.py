"""What each fault does to the house meters, and that nothing of it stays."""

from __future__ import annotations

import numpy as np
import pytest

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.fault_kinds import GRID_KINDS, REVERSED_REGULATOR, STUCK_REGULATOR
from p2p_cosim.core.types import Fault, GridState, Injections
from p2p_cosim.grid.catalogue import package_circuit
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.faults import possible_opens
from p2p_cosim.grid.houses import HousePlan
from p2p_cosim.grid.opendss import OpenDSSGrid

SITES = ("652.A", "611.C", "684.A", "684.C", "675.B")


def fault(kind: str, place: str, phases: str = "", impedance_ohm: float = 0.0) -> Fault:
    return Fault(kind, place, 0, 1, phases, impedance_ohm)


@pytest.fixture(scope="module")
def grid() -> OpenDSSGrid:
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(9, 6, 9)), HousePlan(30, SITES))
    dispatch(grid, 1.0, 0.25)
    return grid


def dispatch(grid: OpenDSSGrid, p_kw: float, q_kvar: float = 0.0) -> None:
    grid.dispatch(Injections(np.full(30, p_kw), np.full(30, q_kvar)))


def during(grid: OpenDSSGrid, broken: Fault) -> GridState:
    grid.apply(broken)
    try:
        return grid.solve()
    finally:
        grid.clear(broken)


def site_means(state: GridState) -> list[float]:
    return [float(v) for v in state.house_v_pu.reshape(5, 6).mean(axis=1)]


@pytest.mark.parametrize(
    ("broken", "change"),
    [
        (fault("lateral_open", "684-611"), (-0.012, None, -0.012, 0.011, 0.007)),
        (fault("switch_open", "671-692"), (0.030, 0.041, 0.030, 0.041, None)),
        (fault("transformer_outage", "service_2"), (-0.0005, None, -0.0005, 0.0008, 0.0002)),
        (fault("lateral_open", "632-670"), (None,) * 5),
        (fault("slg", "671", "A", 20), (-0.018, -0.009, -0.018, -0.009, 0.020)),
        (fault("slg", "671", "A", 100), (-0.0034, -0.0019, -0.0034, -0.0019, 0.0041)),
        (fault("slg", "671", "A", 500), (-0.0007, -0.0004, -0.0007, -0.0004, 0.0008)),
        (fault("ll", "671", "AB", 5), (0.005, -0.006, 0.005, -0.006, -0.128)),
    ],
    ids=lambda value: f"{value.kind}-{value.impedance_ohm}" if isinstance(value, Fault) else "",
)
def test_change_at_the_meters(grid: OpenDSSGrid, broken: Fault, change: tuple[float, ...]) -> None:
    """Site means in pu; None is dark. Measured on an independent model of the feeder."""
    before, after = site_means(grid.solve()), site_means(during(grid, broken))
    for was, now, expected in zip(before, after, change, strict=True):
        if expected is None:
            assert now == 0
        else:
            assert now - was == pytest.approx(expected, abs=max(6e-4, 0.02 * abs(expected)))


@pytest.mark.parametrize(
    ("broken", "v_pu"),
    [
        (fault("open_phase", "632-670", "B"), (0.988, 0.963, 0.994, 0.965, 0.368)),
        (fault("slg", "671", "A"), (0.001, 1.259, 0.002, 1.261, 1.336)),
        (fault("slg", "671", "A", 5), (0.897, 0.932, 0.902, 0.934, 1.116)),
        (fault("ll", "671", "AB"), (0.468, 0.953, 0.471, 0.956, 0.470)),
        (fault("three_phase", "671", "ABC"), (0.002, 0.002, 0.002, 0.002, 0.002)),
        (fault("three_phase", "671", "ABC", 5), (0.916, 0.917, 0.921, 0.919, 1.017)),
    ],
    ids=lambda value: f"{value.kind}-{value.impedance_ohm}" if isinstance(value, Fault) else "",
)
def test_voltage_at_the_meters(grid: OpenDSSGrid, broken: Fault, v_pu: tuple[float, ...]) -> None:
    assert site_means(during(grid, broken)) == pytest.approx(v_pu, abs=2.1e-3)


def every_fault() -> list[Fault]:
    shorts = [
        fault(kind, bus, phases, ohm)
        for bus in ("632", "671", "675", "634")
        for kind, phases in (("slg", "C"), ("ll", "CA"), ("llg", "BC"), ("three_phase", "ABC"))
        for ohm in (0.0, 0.3, 20.0)
    ]
    houses = [fault("house_outage", "house_9"), fault("lv_short", "house_9")]
    plan = OpenDSSGrid.build("ieee13", FeederOptions(taps=(0, 0, 0)), HousePlan(30, SITES))
    return [*shorts, *houses, *possible_opens(package_circuit("ieee13"), plan.houses)]


@pytest.mark.parametrize("p_kw", [1.0, -7.0])
def test_every_fault_solves_balances_and_leaves_no_trace(grid: OpenDSSGrid, p_kw: float) -> None:
    dispatch(grid, p_kw)
    before = grid.solve()
    faults = every_fault()
    assert {broken.kind for broken in faults} == set(GRID_KINDS) - {
        REVERSED_REGULATOR,
        STUCK_REGULATOR,
    }
    for broken in faults:
        state = during(grid, broken)
        assert np.isfinite(state.house_v_pu).all(), broken
        drawn_kw = state.house_p_kw.sum() + state.spot_p_kw.sum() + state.losses_kw
        assert state.head_p_kw.sum() == pytest.approx(drawn_kw, abs=1e-2), broken
        after = grid.solve()
        assert np.abs(after.house_v_pu - before.house_v_pu).max() < 1e-6, broken
        assert np.abs(after.node_v_pu - before.node_v_pu).max() < 1e-6, broken
    dispatch(grid, 1.0, 0.25)


@pytest.mark.parametrize(
    "broken", [fault("transformer_outage", "service_5"), fault("switch_open", "671-692")]
)
def test_an_island_neither_delivers_nor_exports(grid: OpenDSSGrid, broken: Fault) -> None:
    dispatch(grid, -7.0)
    state = during(grid, broken)
    assert (state.house_v_pu[24:] == 0).all()
    assert (state.house_p_kw[24:] == 0).all()
    assert state.house_p_kw[:24] == pytest.approx(np.full(24, -7.0), abs=1e-4)
    dispatch(grid, 1.0, 0.25)


def test_a_house_fed_backwards_may_draw_but_not_export(grid: OpenDSSGrid) -> None:
    broken = fault("open_phase", "632-670", "B")
    drawing = during(grid, broken)
    assert 0.3 < drawing.house_v_pu[24] < 0.45
    assert 0 < drawing.house_p_kw[24] < 0.3
    dispatch(grid, -7.0)
    exporting = during(grid, broken)
    assert exporting.house_p_kw[24:] == pytest.approx(np.zeros(6), abs=1e-9)
    dispatch(grid, 1.0, 0.25)


def test_overlapping_opens_end_with_the_last(grid: OpenDSSGrid) -> None:
    whole, phase = fault("lateral_open", "671-684"), fault("open_phase", "671-684", "C")
    grid.apply(whole)
    grid.apply(phase)
    grid.clear(whole)
    state = grid.solve()
    assert (state.house_v_pu[:6] > 0.9).all()  # 652.A is back
    assert state.house_v_pu[6:12].max() < 0.02  # 611.C is not
    grid.clear(phase)
    assert grid.solve().house_v_pu.min() > 0.9


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (fault("slg", "672", "A"), "did you mean '6"),
        (fault("slg", "652", "B"), "has no phase 'B': it has A"),
        (fault("ll", "671", "A"), "needs 2 of the phases ABC, each once"),
        (fault("ll", "671", "AA"), "needs 2 of the phases ABC, each once"),
        (fault("house_outage", "house_1", "A"), "leave them out"),
        (fault("slg", "650", "A"), "stiff"),
        (fault("slg", "671", "A", -1.0), "from 0"),
        (fault("slg", "671", "A", float("nan")), "from 0"),
        (fault("switch_open", "671-680"), "did you mean '671-692'"),
        (fault("transformer_outage", "service_6"), "did you mean 'service_"),
    ],
)
def test_faults_that_do_not_fit(grid: OpenDSSGrid, broken: Fault, message: str) -> None:
    with pytest.raises(GridError, match=message):
        grid.apply(broken)


def test_a_second_short_circuit_is_refused_and_changes_nothing(grid: OpenDSSGrid) -> None:
    first = fault("slg", "671", "A", 20)
    grid.apply(first)
    state = grid.solve()
    with pytest.raises(GridError, match="one short circuit at a time"):
        grid.apply(fault("slg", "675", "A", 20))
    assert grid.solve().house_v_pu == pytest.approx(state.house_v_pu, abs=1e-9)
    grid.clear(first)


def test_spot_loads_may_be_scaled_one_by_one(grid: OpenDSSGrid) -> None:
    scale = np.ones(len(grid.spot_loads))
    scale[0] = 0.5
    grid.dispatch(Injections(np.ones(30), np.zeros(30), scale))
    assert grid.solve().spot_p_kw[0] == pytest.approx(80, abs=1e-3)
    with pytest.raises(GridError, match="one for each published load"):
        grid.dispatch(Injections(np.ones(30), np.zeros(30), np.ones(3)))
    dispatch(grid, 1.0, 0.25)


def test_a_reversed_regulator_runs_away_under_reverse_power_alone() -> None:
    grid = OpenDSSGrid.build("ieee13", FeederOptions(regcontrol=True), HousePlan(30, SITES))
    faults = [Fault("reversed_regulator", name, 0, 1) for name in grid.regulators]
    buying = Injections(np.full(30, 1.0), np.zeros(30))
    selling = Injections(np.full(30, -12.0), np.zeros(30), 0.02)
    seen = []
    for fault in (None, *faults, *faults):
        if fault is not None:
            (grid.clear if len(seen) > 3 else grid.apply)(fault)
        taps = []
        for injections in (buying, selling, buying):
            grid.dispatch(injections)
            state = grid.solve()
            taps.append(state.taps)
            if len(seen) == 3 and injections is selling:
                assert 0.93 < state.house_v_pu.min() < state.house_v_pu.max() < 0.97
        seen.append(taps)
    for before, _, after in seen:  # anywhere in the band of the control
        assert np.abs(np.subtract((before, after), (9, 6, 9))).max() <= 1
    assert [during for _, during, _ in seen] == [
        (2, 2, 1),
        (-16, 2, 1),
        (-16, -16, 1),
        (-16, -16, -16),
        (2, -16, -16),
        (2, 2, -16),
        (2, 2, 1),
    ]


def test_only_a_regulator_with_its_own_control_can_be_reversed(grid: OpenDSSGrid) -> None:
    with pytest.raises(GridError, match=r"write control\.controller: regcontrol"):
        grid.apply(Fault("reversed_regulator", "reg_a", 0, 1))
    own = OpenDSSGrid.build("ieee13", FeederOptions(regcontrol=True), HousePlan(30, SITES))
    with pytest.raises(GridError, match="did you mean 'reg_a'"):
        own.apply(Fault("reversed_regulator", "rega", 0, 1))
