import itertools

import numpy as np
import pytest

from p2p_cosim.core.types import Fault
from p2p_cosim.faults import FaultRate, draw_schedule

HOUSES = tuple(Fault("house_outage", f"house_{i}", 0, 1) for i in range(50))
YEAR = 35_040  # quarters of an hour


def drawn(rates, ticks=YEAR, seed=1, **more):
    return draw_schedule(rates, ticks, 900, np.random.SeedSequence(seed), **more).faults


def test_counts_and_repair_times_follow_the_rates():
    faults = drawn([FaultRate(HOUSES, per_year=20.0, repair_h=3.0)])
    # Each cycle takes 1/20 year up and exp(0.5**2 / 2) * 3 h down.
    expected = 50 / (1 / 20 + 3 * np.exp(0.125) / 8760)
    assert len(faults) == pytest.approx(expected, rel=4 / np.sqrt(expected))
    hours = [(fault.end_tick - fault.start_tick) / 4 for fault in faults]
    assert np.median(hours) == pytest.approx(3.0, rel=0.1)
    assert np.log(hours).std() == pytest.approx(0.5, rel=0.1)


def test_the_seed_decides_and_more_houses_change_nothing_for_the_others():
    few = drawn([FaultRate(HOUSES[:5], 20.0, 3.0)])
    many = drawn([FaultRate(HOUSES, 20.0, 3.0)])
    assert few == drawn([FaultRate(HOUSES[:5], 20.0, 3.0)])
    assert set(few) == {fault for fault in many if fault.place in {f"house_{i}" for i in range(5)}}
    assert few != drawn([FaultRate(HOUSES[:5], 20.0, 3.0)], seed=2)


def test_a_thing_breaks_again_only_after_its_repair_and_everything_ends_in_the_run():
    faults = drawn([FaultRate(HOUSES[:3], 500.0, 12.0)], ticks=5000)
    for house in HOUSES[:3]:
        own = [fault for fault in faults if fault.place == house.place]
        assert len(own) > 20
        for before, after in itertools.pairwise(own):
            assert before.end_tick <= after.start_tick
    assert max(fault.end_tick for fault in faults) <= 5000
    assert min(fault.end_tick - fault.start_tick for fault in faults) >= 1


def test_short_circuits_never_overlap_each_other():
    rates = [
        FaultRate((Fault("slg", "671", 0, 1, "A", 20.0),), 900.0, 6.0),
        FaultRate((Fault("ll", "675", 0, 1, "AB", 1.0),), 900.0, 6.0),
    ]
    group = {"slg": "short", "ll": "short"}
    faults = drawn(rates, exclusive=group)
    assert {fault.kind for fault in faults} == {"slg", "ll"}
    assert all(a.end_tick <= b.start_tick for a, b in itertools.pairwise(faults))
    free = drawn(rates)
    assert any(a.end_tick > b.start_tick for a, b in itertools.pairwise(free))


def test_no_rate_no_faults():
    assert drawn([FaultRate(HOUSES, 0.0, 3.0)]) == ()
