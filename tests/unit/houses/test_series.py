"""Profiles that change inside an interval."""

from __future__ import annotations

import numpy as np

from p2p_cosim.core.types import Step
from p2p_cosim.houses import Course, Inverter, Load, PVArray

INSIDE_KW = np.arange(6.0).reshape(2, 3)
MEAN_KW = INSIDE_KW.mean(axis=1)
LOAD = Load(MEAN_KW, 0.5, 0.4, course=Course(INSIDE_KW, 300.0))


def test_a_step_draws_what_the_course_says_of_it() -> None:
    drawn = [LOAD.draw(Step(1, 300.0, offset), 1.0).p_kw for offset in (0.0, 300.0, 600.0)]
    assert drawn == [3.0, 4.0, 5.0]
    assert LOAD.draw(Step(1, 600.0, 300.0), 1.0).p_kw == 4.5
    assert LOAD.draw(Step(1, 300.0, 600.0), 1.0).q_kvar == 2.5
    assert LOAD.essential_kw(Step(1, 300.0, 600.0)) == 2.0


def test_a_whole_interval_draws_its_mean() -> None:
    assert LOAD.draw(Step(1, 900.0), 1.0).p_kw == 4.0
    assert LOAD.expected_kw(Step(0, 900.0)) == 1.0


def test_the_sun_follows_its_course_and_without_one_stands_still() -> None:
    followed = Inverter(PVArray(MEAN_KW, Course(INSIDE_KW, 300.0)))
    assert followed.draw(Step(1, 300.0, 600.0), 1.0).p_kw == -5.0
    assert Inverter(PVArray(MEAN_KW)).draw(Step(1, 300.0, 600.0), 1.0).p_kw == -4.0
