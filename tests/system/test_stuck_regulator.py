"""A tap changer that is stuck: what is ordered is refused, and the feeder's own control is idle."""

from __future__ import annotations

import p2p_cosim as p2p
from p2p_cosim.core.types import Fault, Injections
from p2p_cosim.grid import FeederOptions, HousePlan
from p2p_cosim.grid.opendss import OpenDSSGrid

STUCK = {"kind": "stuck_regulator", "place": "reg_a", "start_tick": 0, "end_tick": 20}
DAY = {
    "name": "stuck",
    "clock": {"start": "2024-06-21 09:00", "ticks": 24},
    "feeder": {"taps": [9, 6, 9], "spot_loads": {"scale": 0.2}},
    "profiles": {"pv_share": 1.0, "pv_kw": 12.0},
    "control": {"controller": "look_ahead"},
}


def moved(run):
    """Ticks in which reg_a was moved."""
    return run.taps.loc[run.taps["regulator"] == "reg_a", "tick"]


def test_orders_are_refused_while_it_is_stuck_and_made_afterwards(tmp_path):
    free = p2p.run(p2p.Scenario.model_validate(DAY), out=tmp_path)
    stuck = p2p.run(
        p2p.Scenario.model_validate({**DAY, "faults": {"schedule": [STUCK]}}), out=tmp_path
    )
    # What is ordered in the tick of the strike is carried out, in that of the repair it is not.
    assert moved(free).between(1, 20).any()
    assert not moved(stuck).between(1, 20).any()
    refused = stuck.control[stuck.control["reason"].str.contains("the tap did not move")]
    assert set(refused["regulator"]) == {"reg_a"}
    assert refused["tick"].between(1, 20).all()
    assert (moved(stuck) > 20).any()


def test_the_feeders_own_control_does_not_move_it():
    def taps(fault: Fault | None) -> dict[str, int]:
        grid = OpenDSSGrid.build("ieee13", FeederOptions(regcontrol=True), HousePlan(5, ("675.B",)))
        house = [0.0] * 5
        grid.dispatch(Injections(house, house, 1.0))
        grid.solve()
        settled = dict(grid.taps)
        if fault is not None:
            grid.apply(fault)
        grid.dispatch(Injections(house, house, 0.1))
        grid.solve()
        changed = dict(grid.taps)
        if fault is not None:
            grid.clear(fault)
        grid.solve()
        return {"before": settled, "during": changed, "after": dict(grid.taps)}

    free, stuck = taps(None), taps(Fault("stuck_regulator", "reg_a", 0, 1))
    assert free["during"]["reg_a"] != free["before"]["reg_a"]
    assert stuck["during"]["reg_a"] == stuck["before"]["reg_a"]
    assert stuck["during"]["reg_b"] != stuck["before"]["reg_b"]
    assert stuck["after"]["reg_a"] != stuck["before"]["reg_a"]
