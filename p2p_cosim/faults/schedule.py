"""What breaks when: written down, or drawn from rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from p2p_cosim.core.types import Fault

HOURS_PER_YEAR = 8760.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """Faults of a run. A fault acts from its `start_tick` until before its `end_tick`."""

    faults: tuple[Fault, ...] = ()

    def starting(self, tick: int) -> tuple[Fault, ...]:
        """Faults that strike before delivery of this tick."""
        return tuple(fault for fault in self.faults if fault.start_tick == tick)

    def ending(self, tick: int) -> tuple[Fault, ...]:
        """Faults that are repaired before delivery of this tick."""
        return tuple(fault for fault in self.faults if fault.end_tick == tick)


@dataclass(frozen=True, slots=True)
class FaultRate:
    """How often each of some things breaks, and how long a repair takes.

    what: the things that may break, as faults whose ticks are ignored. per_year: mean number
    a year of each. repair_h: median repair time; repair_spread: standard deviation of its
    logarithm (repair times are lognormal, as in Billinton and Allan, "Reliability Evaluation
    of Power Systems", 1996, section 7).
    """

    what: tuple[Fault, ...]
    per_year: float
    repair_h: float
    repair_spread: float = 0.5


def draw_schedule(
    rates: Sequence[FaultRate],
    ticks: int,
    interval_s: int,
    seed: np.random.SeedSequence,
    exclusive: Mapping[str, str] | None = None,
    standing: Sequence[Fault] = (),
) -> Schedule:
    """A schedule with Poisson strikes; every thing draws from a seed of its own.

    A thing that is being repaired cannot break again, and kinds that `exclusive` maps to the
    same group never overlap, nor do they overlap those of `standing`: the later strike is left
    out, because the engine holds one short circuit at a time. Nor does a thing strike again
    that stands broken already.
    """
    year_ticks = HOURS_PER_YEAR * 3600 / interval_s
    drawn: list[Fault] = []
    for i, rate in enumerate(rates):
        for j, thing in enumerate(rate.what):
            key = (*seed.spawn_key, i, j)
            rng = np.random.default_rng(np.random.SeedSequence(seed.entropy, spawn_key=key))
            drawn += _life_of(thing, rate, ticks, year_ticks, rng)
    groups = exclusive or {}
    kept: list[Fault] = []
    for fault in sorted(drawn, key=lambda fault: fault.start_tick):
        if not any(_collide(fault, other, groups) for other in (*standing, *kept)):
            kept.append(fault)
    return Schedule(tuple(kept))


def _collide(one: Fault, other: Fault, groups: Mapping[str, str]) -> bool:
    overlap = one.start_tick < other.end_tick and other.start_tick < one.end_tick
    same = (one.kind, one.place, one.phases) == (other.kind, other.place, other.phases)
    group = groups.get(one.kind)
    return overlap and (same or (group is not None and group == groups.get(other.kind)))


def _life_of(
    thing: Fault, rate: FaultRate, ticks: int, year_ticks: float, rng: np.random.Generator
) -> list[Fault]:
    """Alternating times up (exponential) and down (lognormal, at least a tick)."""
    life: list[Fault] = []
    now = 0.0
    while rate.per_year > 0:
        now += rng.exponential(year_ticks / rate.per_year)
        down_h = rate.repair_h * np.exp(rate.repair_spread * rng.standard_normal())
        start, length = int(now), max(1, round(down_h * year_ticks / HOURS_PER_YEAR))
        if start >= ticks:
            break
        life.append(replace(thing, start_tick=start, end_tick=min(start + length, ticks)))
        now = start + length
    return life
