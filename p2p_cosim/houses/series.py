"""A power over a run: its mean in every interval, and perhaps its course inside."""

from __future__ import annotations

import math
from dataclasses import dataclass

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.types import FloatArray, Step


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Course(Brief):
    """What a profile does inside intervals: shape (ticks, parts), equal parts of `part_s`."""

    values_kw: FloatArray
    part_s: float

    def mean_kw(self, step: Step) -> float:
        """The mean over a step that begins and ends with parts."""
        first = math.floor(step.offset_s / self.part_s)
        end = max(first + 1, math.ceil((step.offset_s + step.seconds) / self.part_s))
        return float(self.values_kw[step.tick, first:end].mean())


def power_kw(profile_kw: FloatArray, course: Course | None, step: Step) -> float:
    """What a profile of shape (ticks,) says of a step, by its course if it has one."""
    if course is None or step.seconds >= course.part_s * course.values_kw.shape[1]:
        return float(profile_kw[step.tick])
    return course.mean_kw(step)
