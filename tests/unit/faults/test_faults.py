from dataclasses import replace

import numpy as np

from p2p_cosim.core.types import Fault, HouseSite, MeterView
from p2p_cosim.detection.outage_threshold import OutageThreshold
from p2p_cosim.faults import Schedule

SITES = tuple(HouseSite(f"house_{i}", "675", "B", "tx_1") for i in (1, 2, 3))


def meters(tick, *v_pu):
    zero = np.zeros(3)
    return MeterView(tick, SITES, np.array(v_pu), zero, zero)


def test_one_alarm_an_outage_and_another_after_it_came_back():
    detector = OutageThreshold()
    assert detector.inspect(meters(0, 1.0, 1.0, 1.0)) == ()
    (alarm,) = detector.inspect(meters(1, 0.0, 1.0, 1.0))
    assert (alarm.tick, alarm.kind, alarm.place) == (1, "house_outage", "house_1")
    assert detector.inspect(meters(2, 0.0, 1.0, 1.0)) == ()
    (back,) = detector.inspect(meters(3, 1.0, 1.0, 1.0))
    assert (back.tick, back.kind, back.place) == (3, "house_restored", "house_1")
    assert detector.inspect(meters(4, 1.0, 1.0, 1.0)) == ()
    assert [a.place for a in detector.inspect(meters(5, 0.0, 1.0, 0.0))] == ["house_1", "house_3"]


def test_no_all_clear_for_a_house_on_its_tie_or_without_readings():
    detector = OutageThreshold()
    detector.inspect(meters(0, 0.0, 0.0, 1.0))
    on_tie = replace(meters(1, 0.98, np.nan, 1.0), on_tie=frozenset({"house_1"}))
    assert detector.inspect(on_tie) == ()
    back = detector.inspect(meters(2, 0.98, 1.0, np.nan))
    assert [(a.kind, a.place) for a in back] == [
        ("house_restored", "house_1"),
        ("house_restored", "house_2"),
    ]


def test_a_sag_is_not_an_outage():
    assert OutageThreshold().inspect(meters(0, 0.37, 0.9, 1.0)) == ()


def test_a_fault_acts_from_its_start_until_before_its_end():
    fault = Fault("house_outage", "house_1", start_tick=3, end_tick=5)
    schedule = Schedule((fault,))
    assert [bool(schedule.starting(t)) for t in range(7)] == [0, 0, 0, 1, 0, 0, 0]
    assert [bool(schedule.ending(t)) for t in range(7)] == [0, 0, 0, 0, 0, 1, 0]
