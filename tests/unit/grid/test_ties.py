"""A second feed: where it may lead, and that it delivers what is drawn, and never two at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import Fault, Injections
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.houses import HousePlan, Tie
from p2p_cosim.grid.opendss import OpenDSSGrid

PLAN = HousePlan(4, ("675.B", "671.A"), per_transformer=1)
TIED = replace(PLAN, ties=(Tie("house_1", "house_2"),))
OUTAGE = Fault("house_outage", "house_1", 0, 1)
DRAWN = Injections(np.array([2.5, -3.0, 1.0, 1.0]), np.array([0.5, 0.0, 0.2, 0.2]))


def built(plan: HousePlan) -> OpenDSSGrid:
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(9, 6, 9)), plan)
    grid.dispatch(DRAWN)
    return grid


@pytest.fixture
def grid() -> OpenDSSGrid:
    return built(TIED)


def test_an_open_tie_is_as_good_as_none(grid: OpenDSSGrid) -> None:
    with_tie, without = grid.solve(), built(PLAN).solve()
    assert with_tie.house_v_pu == pytest.approx(without.house_v_pu, abs=1e-7)
    assert with_tie.losses_kw == pytest.approx(without.losses_kw, abs=1e-6)


def test_a_house_cut_off_is_fed_through_its_tie(grid: OpenDSSGrid) -> None:
    grid.apply(OUTAGE)
    dark = grid.solve()
    assert dark.house_v_pu[0] == pytest.approx(0, abs=1e-9)
    assert dark.house_p_kw[0] == pytest.approx(0, abs=1e-9)
    grid.transfer("house_1", True)
    fed = grid.solve()
    assert fed.house_p_kw[0] == pytest.approx(2.5, abs=1e-6)
    assert fed.house_q_kvar[0] == pytest.approx(0.5, abs=1e-6)
    used_kw = fed.house_p_kw.sum() + fed.spot_p_kw.sum() + fed.losses_kw
    assert fed.head_p_kw.sum() == pytest.approx(used_kw, abs=1e-3)


def test_the_tie_has_the_voltage_drop_of_its_conductor(grid: OpenDSSGrid) -> None:
    grid.apply(OUTAGE)
    grid.transfer("house_1", True)
    # The end of the tie is the terminal of the transformer behind which house_2 stands alone,
    # so with house_2 at 0 kW its meter shows the voltage there.
    grid.dispatch(Injections(np.array([2.5, 0, 1, 1]), np.array([0.5, 0, 0, 0])))
    state = grid.solve()
    r_ohm, x_ohm = 0.15 * 0.5837, 0.15 * 0.0785
    v = state.house_v_pu[0] * 240
    # |V_end| of a series impedance with P, Q at the receiving end.
    end = np.hypot(v + (r_ohm * 2500 + x_ohm * 500) / v, (x_ohm * 2500 - r_ohm * 500) / v)
    assert state.house_v_pu[1] * 240 == pytest.approx(end, abs=1e-4)


def test_the_state_before_returns_when_the_switch_goes_back(grid: OpenDSSGrid) -> None:
    before = grid.solve()
    grid.apply(OUTAGE)
    grid.transfer("house_1", True)
    grid.solve()
    grid.transfer("house_1", False)
    grid.clear(OUTAGE)
    assert grid.solve().house_v_pu == pytest.approx(before.house_v_pu, abs=1e-9)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.sampled_from(["break", "repair", "to tie", "back"]), max_size=8))
def test_never_are_two_feeds_closed(steps: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Read from the commands the engine gets, one by one, in any order of events."""
    grid = built(TIED)
    sent: list[str] = []
    run = grid._engine.run
    monkeypatch.setattr(
        grid._engine, "run", lambda commands: (sent.extend(commands), run(commands))
    )
    broken = False
    for step in steps:
        if step == "break" and not broken:
            grid.apply(OUTAGE)
            broken = True
        elif step == "repair" and broken:
            grid.clear(OUTAGE)
            broken = False
        elif step in ("to tie", "back"):
            grid.transfer("house_1", step == "to tie")
    closed = {"line.drop_house_1"}
    for command in sent:
        action, line, _ = command.split()
        (closed.add if action == "close" else closed.discard)(line)
        assert len(closed) <= 1
    on_tie = bool({"to tie", "back"} & {*steps}) and (
        [s for s in steps if s in ("to tie", "back")][-1] == "to tie"
    )
    assert (grid.solve().house_v_pu[0] > 0.5) == (on_tie or not broken)


@pytest.mark.parametrize(
    ("tie", "message"),
    [
        (Tie("house_9", "house_2"), "house 'house_9' is unknown"),
        (Tie("house_1", "service_9"), "end of a tie 'service_9' is unknown"),
        (Tie("house_1", "service_1"), "which already feeds the house"),
        (Tie("house_1", "house_1"), "which already feeds the house"),
        (Tie("house_1", "house_3"), "leads from phase B to phase A"),
        (Tie("house_1", "house_2", 0.0), "is 0.0 ft long: give a positive length"),
    ],
)
def test_a_tie_must_lead_to_another_transformer_of_the_phase(tie: Tie, message: str) -> None:
    with pytest.raises(GridError, match=message):
        built(replace(PLAN, ties=(tie,)))


def test_a_house_has_one_tie_at_most() -> None:
    twice = (Tie("house_1", "house_2"), Tie("house_1", "service_2"))
    with pytest.raises(GridError, match="is a second one"):
        built(replace(PLAN, ties=twice))


def test_a_house_without_a_tie_cannot_be_transferred(grid: OpenDSSGrid) -> None:
    with pytest.raises(GridError, match="house with a tie 'house_2' is unknown"):
        grid.transfer("house_2", True)
