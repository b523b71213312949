"""Reactive control moves what serves the houses: series, ganged, on either winding."""

from __future__ import annotations

import numpy as np
import pytest

from p2p_cosim.control import Reactive
from p2p_cosim.core.types import ControlView, HouseSite, MeterView, RegulatorSite

STEP = 0.00625


def _view(v_pu: list[float], regulators: dict[str, tuple[list[bool], float]]) -> ControlView:
    sites = tuple(HouseSite(f"house_{i + 1}", "b", "A", "service_1") for i in range(len(v_pu)))
    v, zero = np.array(v_pu), np.zeros(len(v_pu))
    return ControlView(
        1,
        MeterView(0, sites, v, zero, zero),
        (),
        dict.fromkeys(regulators, 0),
        dict.fromkeys(regulators, "A"),
        None,  # type: ignore[arg-type]
        regulator_sites={
            name: RegulatorSite(name, "A", np.array(serves), pu_per_tap, -16, 16)
            for name, (serves, pu_per_tap) in regulators.items()
        },
    )


def _taps(view: ControlView) -> dict[str, int]:
    return {move.regulator: move.tap for move in Reactive().decide(view).moves}


def test_only_the_regulator_that_feeds_the_houses_moves() -> None:
    all_of_them, none = [True, True], [False, False]
    view = _view([0.93, 0.94], {"head": (all_of_them, STEP), "elsewhere": (none, STEP)})
    assert _taps(view) == {"head": 4}


def test_of_two_in_series_the_one_whose_houses_need_it_moves() -> None:
    both, last = [True, True], [False, True]
    view = _view([1.0, 0.93], {"head": (both, STEP), "far": (last, STEP)})
    moves = _taps(view)
    assert sum(moves.values()) == 4
    view = _view([0.93, 0.93], {"head": (both, STEP), "far": (last, STEP)})
    assert _taps(view) == {"head": 4}


def test_a_tap_on_the_sources_side_goes_down_to_raise_the_voltage() -> None:
    view = _view([0.93], {"reg": ([True], -STEP)})
    decision = Reactive().decide(view)
    assert [move.tap for move in decision.moves] == [-4]
    assert decision.predicted_v_pu == pytest.approx([0.93 / (1 - 4 * STEP)])


def test_one_that_evens_out_the_move_of_another_says_so() -> None:
    both, last = [True, True], [False, True]
    view = _view([0.93, 1.04], {"head": (both, STEP), "far": (last, STEP)})
    head, far = Reactive().decide(view).moves
    assert head.reason.startswith("house_1 at 0.9300 pu below 0.95 at tick 0: tap +0 to +4 ")
    assert far.reason.startswith("evens out a move for house_1 at 0.9300 pu below 0.95 at tick 0: ")
    assert far.reason.endswith(" at house_2")
    assert far.tap < 0
