"""Every run of a sweep, known and checked before the first begins."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from p2p_cosim.core.errors import InputError, Problem, ScenarioError
from p2p_cosim.scenario import Scenario
from p2p_cosim.scenario.schema.problems import show
from p2p_cosim.sweeps.axes import Fields, read_fields, read_points
from p2p_cosim.sweeps.designs import FACTORIAL, Point, check_design, lay_out

MOST_RUNS = 100_000
_MOST_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One run. arm: number of the point, the same for all seeds. point: values by axis name."""

    index: int
    arm: int
    point: Mapping[str, object]
    scenario: Scenario

    @property
    def label(self) -> str:
        """The run in a line."""
        values = ", ".join(f"{name}={show(value)}" for name, value in self.point.items())
        return f"run {self.index} ({values}{', ' * bool(values)}seed={self.scenario.seed})"


@dataclass(frozen=True, slots=True)
class Plan:
    """A sweep, laid out. Runs go arm by arm, and every arm has the same seeds: what is random in
    one and does not depend on the market is the same in all (common random numbers).

    axes: names of the varied fields, in the order of the table's columns.
    """

    name: str
    base: Scenario
    axes: tuple[str, ...]
    design: str
    seeds: tuple[int, ...]
    runs: tuple[PlannedRun, ...]
    description: str = ""

    @property
    def arms(self) -> int:
        """How many points there are, each with every seed."""
        return len(self.runs) // len(self.seeds)

    def __repr__(self) -> str:
        axes = ", ".join(self.axes) or "no axis"
        return (
            f"Plan({self.name!r}, {len(self.runs)} runs: {self.arms} arms of {axes}, "
            f"{len(self.seeds)} seed{'s'[: len(self.seeds) != 1]})"
        )


def make_plan(
    base: Scenario,
    fields: Mapping[str, object] | None = None,
    *,
    points: Sequence[Mapping[str, object]] = (),
    design: str = FACTORIAL,
    samples: int | None = None,
    seeds: int | Sequence[int] = 1,
    name: str | None = None,
    description: str = "",
) -> Plan:
    """Lay a sweep out over a scenario.

    fields: by name or dotted path, a list or range (an axis) or anything else (a constant).
    points: combinations to run as they are, each crossed with the design over the axes.
    design, samples: see `designs.lay_out`. seeds: how many, from the scenario's own on, or which.

    Raises ScenarioError with every problem of every arm.
    """
    _check_base(base)
    problems: list[Problem] = []
    sorted_fields = read_fields(fields or {}, problems)
    names = read_points(points, sorted_fields, problems)
    check_design(design, samples, sorted_fields.axes, problems, points=bool(points))
    replicates = _seeds(seeds, base.seed, problems)
    name = name or base.name
    _stop_at(problems, name)
    laid = lay_out(design, sorted_fields.axes, samples, base.seed)
    arms = [dict(point) | each for point, each in itertools.product(points or [{}], laid)]
    _check_count(len(arms) * len(replicates), problems, name)
    scenarios = _scenarios(base, sorted_fields, arms, name)
    return Plan(
        name=name,
        base=base,
        axes=(*names, *(axis.name for axis in sorted_fields.axes)),
        design=design,
        seeds=replicates,
        runs=_runs(arms, scenarios, replicates),
        description=description,
    )


def _runs(
    arms: Sequence[Point], scenarios: Sequence[Scenario], seeds: Sequence[int]
) -> tuple[PlannedRun, ...]:
    runs = [
        (arm, point, scenario if scenario.seed == seed else scenario.replace(seed=seed))
        for arm, (point, scenario) in enumerate(zip(arms, scenarios, strict=True))
        for seed in seeds
    ]
    return tuple(PlannedRun(index, *run) for index, run in enumerate(runs))


def _check_base(base: object) -> None:
    if not isinstance(base, Scenario):
        raise InputError(f"{show(base)} is no Scenario: give what p2p_cosim.load(...) returns")


def _check_count(count: int, problems: list[Problem], name: str) -> None:
    """Stop before so many scenarios are built."""
    if count > MOST_RUNS:
        problems.append(Problem("", f"{count} runs exceed the limit of {MOST_RUNS}"))
        _stop_at(problems, name)


def _stop_at(problems: list[Problem], name: str) -> None:
    if problems:
        raise ScenarioError(f"sweep {name}", problems)


def _scenarios(base: Scenario, fields: Fields, arms: Sequence[Point], name: str) -> list[Scenario]:
    """One scenario an arm. Raises ScenarioError with each distinct problem once, and the first
    arm that has it."""
    scenarios: list[Scenario] = []
    problems: list[Problem] = []
    found: dict[Problem, list[int]] = {}
    for number, point in enumerate(arms):
        try:
            scenarios.append(base.replace({**fields.constants, **point}))
        except ScenarioError as error:
            for problem in error.problems:
                found.setdefault(problem, []).append(number)
    for problem, numbers in found.items():
        where = ""
        if len(numbers) < len(arms):
            values = ", ".join(f"{k}={show(v)}" for k, v in arms[numbers[0]].items())
            more = f" and {len(numbers) - 1} more" if len(numbers) > 1 else ""
            where = f" (arm {numbers[0]}{more}: {values})"
        problems.append(Problem(problem.path, problem.message + where))
    _stop_at(problems, name)
    return scenarios


def _seeds(given: object, first: int, problems: list[Problem]) -> tuple[int, ...]:
    if isinstance(given, int) and not isinstance(given, bool):
        if 1 <= given <= MOST_RUNS:
            return tuple(range(first, first + given))
        problems.append(Problem("seeds", f"{given} is not a number from 1 to {MOST_RUNS}"))
        return (first,)
    listed = list(given) if isinstance(given, (list, tuple, range)) else []
    fits = [s for s in listed if isinstance(s, int) and not isinstance(s, bool)]
    if not listed or len(fits) < len(listed) or not all(0 <= s <= _MOST_SEED for s in fits):
        message = f"{show(given)} is neither a number of replicates nor a list of seeds from 0"
        problems.append(Problem("seeds", message))
    elif len(set(fits)) < len(fits):
        problems.append(Problem("seeds", f"{show(given)} names a seed twice"))
    return tuple(fits) or (first,)
