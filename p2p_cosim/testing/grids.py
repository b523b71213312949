"""Checks of a grid, and of what an operator computes about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.fault_kinds import HOUSE_OUTAGE
from p2p_cosim.core.protocols import Grid, GridModel
from p2p_cosim.core.types import Fault, FloatArray, GridState, Injections, TapMove
from p2p_cosim.testing.findings import Findings

_BALANCE_KW = 1e-3
_SAME_PU = 1e-6


def check_grid(make: Callable[[], Grid], p_kw: float = 1.0) -> None:
    """Solve a feeder with houses that draw and give, move its taps, and take a house's supply.

    make: builds a grid with at least two houses, whose taps the caller owns. p_kw: what every
    house may draw or give without trouble.

    Raises ConformanceError unless shapes and names fit, power balances, what was dispatched is
    delivered, an outage takes the supply of its house alone and a repair gives it back, unknown
    names are refused, and no state changes behind anybody's back.
    """
    found = Findings("the grid", "Grid")
    with found.case("as it is built"):
        grid = make()
        found = Findings(grid, "Grid")
        state = _solved(grid, p_kw)
        _shapes(found, grid, state)
        for kw in (p_kw, 0.0, -p_kw):
            with found.case(f"houses at {kw:g} kW"):
                _balance(found, grid, _solved(grid, kw), kw)
        with found.case("taps"):
            _taps(found, grid, p_kw)
        with found.case("an outage"):
            _outage(found, grid, p_kw)
        with found.case("two grids"):
            _apart(found, make, p_kw)
    found.close()


def check_grid_model(
    model: GridModel, houses: int, taps: dict[str, int], p_kw: float = 0.5
) -> None:
    """Compare the sensitivities of a model with its own trial solves.

    model: of a feeder with this number of houses and these present taps, which has been solved.
    p_kw: a power of the houses round which it may be taken for linear.

    Raises ConformanceError unless shapes fit, a trial is repeated within 1e-6 pu, drawing lowers
    a house's voltage, and a step of 1 kW or of one tap changes voltages as the sensitivities
    say, within a tenth.
    """
    found = Findings(model, "GridModel")
    with found.case("as it is"):
        p, q = np.full(houses, p_kw), np.full(houses, 0.2 * p_kw)
        base = model.trial(p, q, taps)
        found.expect(base.shape == (houses,), f"a trial has shape {base.shape}, not ({houses},)")
        found.expect(
            _same(model.trial(p, q, taps), base), "the same trial again gives other voltages"
        )
        near = model.sensitivities()
        found.expect(
            near.dv_dp.shape == (houses, houses) and near.dv_dtap.shape == (houses, len(taps)),
            f"sensitivities have shapes {near.dv_dp.shape} and {near.dv_dtap.shape}",
        )
        found.expect((np.diag(near.dv_dp) < 0).all(), "drawing does not lower a house's voltage")
        for house in range(houses):
            more = p.copy()
            more[house] += 1.0
            change = model.trial(more, q, taps) - base
            _close(found, f"1 kW more in house {house}", change, near.dv_dp[:, house])
        for index, (name, tap) in enumerate(taps.items()):
            step = 1 if tap < 0 else -1
            change = model.trial(p, q, taps | {name: tap + step}) - base
            _close(found, f"{name} by {step:+d}", change, step * near.dv_dtap[:, index])
        found.expect(_same(model.trial(p, q, taps), base), "trials leave something behind")
    found.close()


def _same(v_pu: FloatArray, before: FloatArray) -> bool:
    return bool(np.abs(v_pu - before).max(initial=0.0) < _SAME_PU)


def _close(found: Findings, what: str, change: Any, told: Any) -> None:
    worst = float(np.abs(change - told).max())
    tolerance = max(0.1 * float(np.abs(change).max()), 1e-5)
    found.expect(worst <= tolerance, f"{what}: sensitivities are off by {worst:.2g} pu")


def _solved(grid: Grid, p_kw: float) -> GridState:
    houses = len(grid.houses)
    grid.dispatch(Injections(np.full(houses, p_kw), np.full(houses, 0.1), 0.8))
    return grid.solve()


def _shapes(found: Findings, grid: Grid, state: GridState) -> None:
    houses, names = len(grid.houses), [site.name for site in grid.houses]
    found.expect(houses >= 2, f"it has {houses} houses, expected two or more")
    found.expect(len(set(names)) == houses, "two houses have one name")
    for field, shape in (
        ("house_v_pu", (houses,)),
        ("house_p_kw", (houses,)),
        ("house_q_kvar", (houses,)),
        ("spot_p_kw", (len(grid.spot_loads),)),
        ("node_v_pu", (len(grid.node_names),)),
        ("head_p_kw", (3,)),
        ("head_q_kvar", (3,)),
    ):
        has = getattr(state, field).shape
        found.expect(has == shape, f"{field} has shape {has}, expected {shape}")
    found.expect(len(set(grid.node_names)) == len(grid.node_names), "two nodes have one name")
    nodes = {f"{site.bus}.{site.phase}" for site in grid.houses}
    found.expect(nodes <= set(grid.node_names), "a house stands at a node that is not there")
    found.expect(
        state.taps == tuple(grid.taps.values()) and list(grid.taps) == list(grid.regulators),
        "taps are not in the order of regulators",
    )


def _balance(found: Findings, grid: Grid, state: GridState, p_kw: float) -> None:
    where = f"houses at {p_kw:g} kW"
    used = state.house_p_kw.sum() + state.spot_p_kw.sum() + state.losses_kw
    off = float(abs(state.head_p_kw.sum() - used))
    found.expect(off <= _BALANCE_KW, f"{where}: head and houses, loads, losses differ by {off} kW")
    found.expect(state.losses_kw >= 0, f"{where}: losses are negative")
    missed = float(np.abs(state.house_p_kw - p_kw).max())
    found.expect(missed <= _BALANCE_KW, f"{where}: a house draws {missed:g} kW beside its dispatch")
    kept = state.house_v_pu.copy()
    _solved(grid, p_kw + 0.5)
    found.expect(np.array_equal(kept, state.house_v_pu), f"{where}: the next solve changes a state")


def _taps(found: Findings, grid: Grid, p_kw: float) -> None:
    before = _solved(grid, p_kw)
    for name, tap in dict(grid.taps).items():
        step = -1 if tap > 0 else 1
        grid.set_tap(TapMove(name, tap + step, "check"))
        after = grid.solve()
        found.expect(grid.taps[name] == tap + step, f"{name}: set_tap has not moved it")
        change = step * (after.house_v_pu - before.house_v_pu)
        lowered = float(change.min(initial=0.0)) < -max(1e-3, 0.5 * float(change.max(initial=0.0)))
        found.expect(not lowered, f"{name}: a higher tap lowers voltages")
        grid.set_tap(TapMove(name, tap, "check"))
        for far in (17, -17):
            _refused(found, f"tap {far} of {name}", grid.set_tap, TapMove(name, far, "check"))
    again = grid.solve()
    off = float(np.abs(again.house_v_pu - before.house_v_pu).max())
    found.expect(off < _SAME_PU, f"taps moved and moved back leave voltages {off:.1e} pu apart")
    _refused(found, "an unknown regulator", grid.set_tap, TapMove("no_such", 0, "check"))


def _outage(found: Findings, grid: Grid, p_kw: float) -> None:
    before, house = _solved(grid, p_kw), grid.houses[0].name
    fault = Fault(HOUSE_OUTAGE, house, 0, 1)
    grid.apply(fault)
    during = grid.solve()
    dark = (during.house_v_pu[0], during.house_p_kw[0], during.house_q_kvar[0])
    found.expect(dark == (0.0, 0.0, 0.0), f"{house} without supply reads {dark}, expected zeros")
    found.expect((during.house_v_pu[1:] > 0).all(), "an outage of one house takes others with it")
    grid.clear(fault)
    after = _solved(grid, p_kw)
    off = float(np.abs(after.house_v_pu - before.house_v_pu).max())
    found.expect(off < _SAME_PU, f"a repair leaves voltages {off:.1e} pu from those before")
    for wrong in (Fault(HOUSE_OUTAGE, "no_such", 0, 1), Fault("no_such", house, 0, 1)):
        _refused(found, f"{wrong.kind} at {wrong.place}", grid.apply, wrong)
    wide = np.zeros(len(grid.houses) + 1)
    _refused(found, "a dispatch of another shape", grid.dispatch, Injections(wide, wide))


def _apart(found: Findings, make: Callable[[], Grid], p_kw: float) -> None:
    """Two grids in one process do not disturb each other."""
    alone = _solved(make(), p_kw).house_v_pu
    first, second = make(), make()
    houses = len(first.houses)
    first.dispatch(Injections(np.full(houses, p_kw), np.full(houses, 0.1), 0.8))
    second.apply(Fault(HOUSE_OUTAGE, second.houses[0].name, 0, 1))
    _solved(second, -p_kw)
    found.expect(np.array_equal(first.solve().house_v_pu, alone), "two grids disturb each other")


def _refused(found: Findings, what: str, act: Callable[[Any], None], argument: object) -> None:
    try:
        act(argument)
    except GridError:
        return
    found.expect(False, f"{what} is not refused with a GridError")
