"""The grid over OpenDSS: the calibrated case, determinism, and what is particular to it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import Fault, GridState, Injections, TapMove
from p2p_cosim.grid.commands import FeederOptions, tap_ratio
from p2p_cosim.grid.engine import Engine
from p2p_cosim.grid.houses import HousePlan
from p2p_cosim.grid.opendss import OpenDSSGrid

SITES = ("652.A", "611.C", "684.A", "684.C", "675.B")
CALIBRATED = HousePlan(30, SITES)


def evenly(p_kw: float, houses: int = 30, spot_scale: float = 1.0) -> Injections:
    return Injections(np.full(houses, p_kw), np.zeros(houses), spot_scale)


def solved(grid: OpenDSSGrid, injections: Injections) -> GridState:
    grid.dispatch(injections)
    return grid.solve()


def worst(grid: OpenDSSGrid, state: GridState) -> tuple[str, float]:
    index = int(state.house_v_pu.argmax())
    return f"{grid.houses[index].bus}.{grid.houses[index].phase}", float(state.house_v_pu[index])


def test_calibrated_case() -> None:
    """Thirty houses sell 7 kW each: 1.056 pu, and six steps of regulator B give 1.016."""
    grid = OpenDSSGrid.build("ieee13", FeederOptions(), CALIBRATED)
    state = solved(grid, Injections(np.full(30, 1.0), np.full(30, 0.25)))
    assert state.taps == (9, 6, 9)
    assert worst(grid, state) == ("675.B", pytest.approx(1.0393, abs=2e-4))
    assert worst(grid, solved(grid, evenly(-7.0))) == ("675.B", pytest.approx(1.0560, abs=2e-4))
    for tap, v_pu in ((5, 1.0494), (0, 1.0162)):
        grid.set_tap(TapMove("reg_b", tap, "test"))
        assert worst(grid, grid.solve()) == ("675.B", pytest.approx(v_pu, abs=2e-4))


def test_settled_taps_equal_given_taps_bit_for_bit() -> None:
    """The circuit that runs never held a RegControl."""
    settled = OpenDSSGrid.build("ieee13", FeederOptions(), CALIBRATED)
    given = OpenDSSGrid.build("ieee13", FeederOptions(taps=(9, 6, 9)), CALIBRATED)
    ours, theirs = (solved(grid, evenly(2.0)).house_v_pu for grid in (settled, given))
    assert (ours == theirs).all()


def test_regulators_settle_lower_at_light_load() -> None:
    light = OpenDSSGrid.build("ieee13", FeederOptions(settle_spot_scale=0.8), CALIBRATED)
    assert solved(light, evenly(1.0, spot_scale=0.8)).taps == (7, 5, 7)


def test_the_engine_holds_the_taps() -> None:
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(-16, 0, 16)))
    ratios = [grid._engine.ratio(name) for name in grid.regulators]
    assert ratios == pytest.approx([0.9, 1.0, 1.1])
    grid.set_tap(TapMove("reg_c", -3, "test"))
    assert grid._engine.ratio("reg_c") == pytest.approx(tap_ratio(-3))


@pytest.mark.parametrize(
    ("tap", "message"),
    [
        (17, r"^tap 17 for regulator 'reg_b' exceeds 16: "),
        (-17, r"^tap -17 for regulator 'reg_b' is below -16: "),
        (1.5, r"^tap 1.5 for regulator 'reg_b' is between"),
    ],
)
def test_tap_messages(tap: int, message: str) -> None:
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(0, 0, 0)))
    with pytest.raises(GridError, match=message):
        grid.set_tap(TapMove("reg_b", tap, "test"))


def test_a_feeder_without_houses_solves() -> None:
    state = solved(OpenDSSGrid.build("ieee13", FeederOptions(taps=(10, 8, 11))), evenly(0.0, 0))
    assert state.house_v_pu.shape == (0,)
    assert state.head_p_kw.sum() == pytest.approx(3577.19, abs=0.2)


def test_spot_powers_follow_their_published_models() -> None:
    """PQ loads draw their nominal power, Z loads its V^2 and I loads its V fold."""
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(9, 6, 9)), CALIBRATED)
    state = solved(grid, evenly(1.0, spot_scale=0.9))
    power = dict(zip((s.name for s in grid.spot_loads), state.spot_p_kw, strict=True))
    v_pu = dict(zip(grid.node_names, state.node_v_pu, strict=True))
    assert power["spot_671_a"] == pytest.approx(0.9 * 385, abs=1e-3)
    assert power["distributed_670_c"] == pytest.approx(0.9 * 78, abs=1e-3)
    assert power["spot_652_a"] == pytest.approx(0.9 * 128 * v_pu["652.A"] ** 2, abs=1e-3)
    assert power["spot_611_c"] == pytest.approx(0.9 * 170 * v_pu["611.C"], abs=1e-3)


def test_own_house_counts_four_times_its_neighbour() -> None:
    """Own 1.1e-3 and neighbour 2.8e-4 pu/kW: the drop is not shared, the transformer is."""
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(9, 6, 9)), CALIBRATED)
    before = solved(grid, evenly(1.0)).house_v_pu
    p_kw = np.ones(30)
    p_kw[24] += 1.0
    change = solved(grid, Injections(p_kw, np.zeros(30))).house_v_pu - before
    assert change[24] == pytest.approx(-1.1e-3, rel=0.1)
    assert change[25] == pytest.approx(-2.8e-4, rel=0.1)


def test_power_balance_over_a_day_of_taps_and_outages() -> None:
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(9, 6, 9)), CALIBRATED)
    rng = np.random.default_rng(3)
    fault = Fault("house_outage", "house_12", 30, 60)
    for tick in range(96):
        if tick == 30:
            grid.apply(fault)
        if tick == 60:
            grid.clear(fault)
        if tick % 10 == 0:
            grid.set_tap(TapMove("reg_b", tick // 10, "test"))
        state = solved(grid, Injections(rng.normal(0, 4, 30), rng.normal(0, 1, 30), 0.7))
        used_kw = state.house_p_kw.sum() + state.spot_p_kw.sum() + state.losses_kw
        assert state.head_p_kw.sum() == pytest.approx(used_kw, abs=1e-3)


def test_reactive_balance_with_capacitors() -> None:
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(9, 6, 9)), CALIBRATED)
    state = solved(grid, evenly(2.0))
    v_pu = dict(zip(grid.node_names, state.node_v_pu, strict=True))
    capacitors_kvar = 200 * sum(v_pu[f"675.{phase}"] ** 2 for phase in "ABC")
    capacitors_kvar += 100 * v_pu["611.C"] ** 2
    _, losses_var = grid._engine.api.Circuit.Losses()
    used_kvar = grid._engine.load_powers_kva().imag.sum() + losses_var / 1e3
    assert state.head_q_kvar.sum() == pytest.approx(used_kvar - capacitors_kvar, abs=1e-3)


def test_low_voltage_makes_a_house_an_impedance() -> None:
    """Below 0.85 pu a house draws less than dispatched, and the meter says so."""
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(4, 4, 4)), HousePlan(1, ("675.B",)))
    state = solved(grid, evenly(200.0, 1))
    assert state.house_v_pu[0] < 0.85
    assert state.house_p_kw[0] == pytest.approx(200 * (state.house_v_pu[0] / 0.85) ** 2, rel=0.05)


def test_the_public_setter_gives_the_same_voltages() -> None:
    """The fallback for the batch's private setters."""
    states = []
    for one_by_one in (False, True):
        grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(9, 6, 9)), CALIBRATED)
        group = grid._writer._houses
        p_kw, q_kvar = np.linspace(-7, 4, 30), np.linspace(0, 1, 30)
        grid.dispatch(Injections(p_kw, q_kvar))
        grid.solve()
        if one_by_one:
            group.write_one_by_one(p_kw - 1, q_kvar + 0.2)
        else:
            group.write(p_kw - 1, q_kvar + 0.2)
        assert grid._engine.solve()
        states.append(grid._engine.voltages_v())
    assert states[0] == pytest.approx(states[1], abs=1e-5)


def day_in_hex() -> str:
    """Every bit of a short day with an outage, a repair and a tap move."""
    grid = OpenDSSGrid.build("ieee13", FeederOptions(), CALIBRATED)
    rng = np.random.default_rng(1)
    fault = Fault("house_outage", "house_7", 5, 9)
    lines = []
    for tick in range(24):
        if tick == fault.start_tick:
            grid.apply(fault)
        if tick == fault.end_tick:
            grid.clear(fault)
        if tick == 12:
            grid.set_tap(TapMove("reg_b", 1, "test"))
        p_kw, q_kvar = rng.normal(0, 3, 30), rng.normal(0, 1, 30)
        state = solved(grid, Injections(p_kw, q_kvar, 1 - tick / 50))
        arrays = (state.house_v_pu, state.house_p_kw, state.spot_p_kw, state.head_p_kw)
        lines.append(" ".join(array.tobytes().hex() for array in arrays) + state.losses_kw.hex())
    return "\n".join(lines)


def test_two_processes_agree_bit_for_bit() -> None:
    other = subprocess.run([sys.executable, __file__], check=True, capture_output=True, text=True)
    assert other.stdout.strip() == day_in_hex()


def test_another_history_gives_the_same_state() -> None:
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(9, 6, 9)), CALIBRATED)
    first = solved(grid, evenly(1.0))
    solved(grid, evenly(-7.0, spot_scale=0.5))
    second = solved(grid, evenly(1.0))
    assert second.house_v_pu == pytest.approx(first.house_v_pu, abs=1e-8)
    grid.set_tap(TapMove("reg_b", 6, "no move, but a fresh start"))
    assert (grid.solve().house_v_pu == first.house_v_pu).all()


def test_building_leaves_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    OpenDSSGrid.build("ieee13", FeederOptions(), CALIBRATED)
    assert Path.cwd() == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_dispatch_refuses_a_scale_that_is_no_number() -> None:
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(0, 0, 0)))
    for scale in (np.nan, np.inf, -0.1):
        with pytest.raises(GridError, match="spot_scale"):
            grid.dispatch(evenly(0.0, 0, scale))


def test_clearing_what_is_not_broken_is_an_error() -> None:
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(0, 0, 0)), CALIBRATED)
    with pytest.raises(GridError, match="not active"):
        grid.clear(Fault("house_outage", "house_1", 0, 1))


def test_options_are_checked() -> None:
    with pytest.raises(GridError, match="source_v_pu"):
        FeederOptions(source_v_pu=0.0)
    with pytest.raises(GridError, match="3 regulators"):
        OpenDSSGrid.build("ieee13", FeederOptions(taps=(1, 2)))
    with pytest.raises(GridError, match="did you mean 'ieee13'"):
        OpenDSSGrid.build("ieee-13")
    with pytest.raises(GridError, match="tap 20 for regulator 'reg_c'"):
        OpenDSSGrid.build("ieee13", FeederOptions(taps=(0, 0, 20)))


def test_engine_errors_become_grid_errors() -> None:
    with pytest.raises(GridError, match="OpenDSS refused"):
        Engine().run(["new circuit.x", "new line.y linecode=missing"])


if __name__ == "__main__":
    sys.stdout.write(day_in_hex())


def test_regulator_controls_take_set_points_of_ones_own():
    published = OpenDSSGrid.build("ieee13", FeederOptions(set_points_v=(122, 122, 122)), CALIBRATED)
    lower = OpenDSSGrid.build("ieee13", FeederOptions(set_points_v=(122, 120, 122)), CALIBRATED)
    assert published.taps == OpenDSSGrid.build("ieee13", FeederOptions(), CALIBRATED).taps
    moved = {name for name, tap in lower.taps.items() if tap != published.taps[name]}
    assert moved == {"reg_b"}
    assert lower.taps["reg_b"] < published.taps["reg_b"]
    with pytest.raises(GridError, match=r"set points \[120\] are 1, and ieee13 has 3 regulators"):
        OpenDSSGrid.build("ieee13", FeederOptions(set_points_v=(120,)), CALIBRATED)
