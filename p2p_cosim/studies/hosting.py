"""Hosting capacity: how much PV a feeder takes before a house meter exceeds the limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from p2p_cosim.core.errors import DivergenceError, InputError
from p2p_cosim.scenario import Scenario
from p2p_cosim.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Trial:
    """One run of the search: the value tried, and where a house first exceeded the limit.

    violation: tick and house, or None; a run ends at the first.
    """

    value: float
    violation: tuple[int, str] | None


@dataclass(frozen=True, slots=True)
class HostingCapacity:
    """What a search found.

    capacity: the largest value tried without a violation; None if even the lowest has one.
    limit: the smallest value tried with one; None if even the highest has none.
    trials: in the order they were run.
    """

    field: str
    capacity: float | None
    limit: float | None
    trials: tuple[Trial, ...]


def hosting_capacity(
    scenario: Scenario,
    field: str = "pv_kw",
    low: float = 0.0,
    high: float = 20.0,
    resolution: float = 0.5,
    on_trial: Callable[[Trial], None] | None = None,
) -> HostingCapacity:
    """The largest value of a field, such as `pv_kw` or `pv_share`, that keeps every house
    meter at or below `control.v_max_pu`, under the scenario's controller.

    Bisection, each step a run of the scenario: it takes for granted that more of the field
    does not cure a violation. Voltages below the band do not count, since PV does not cause
    them. A power flow without a solution counts as a violation. `on_trial` is called after
    every run. Nothing is written.

    Raises InputError for an empty range or a resolution that is not positive, and
    ScenarioError for a field that cannot be changed so.
    """
    if not low < high or resolution <= 0:
        raise InputError(
            f"{field} from {low:g} to {high:g} in steps of {resolution:g} is no range: give low "
            "below high, and a positive resolution"
        )
    trials: list[Trial] = []

    def fits(value: float) -> bool:
        trials.append(Trial(value, first_violation(scenario.replace({field: value}))))
        if on_trial:
            on_trial(trials[-1])
        return trials[-1].violation is None

    capacity, limit = _bisect(fits, low, high, resolution)
    return HostingCapacity(field, capacity, limit, tuple(trials))


def first_violation(scenario: Scenario) -> tuple[int, str] | None:
    """Tick and house of the first meter above `control.v_max_pu`; None if there is none."""
    with Simulation(scenario, out=None) as simulation:
        return _first_violation(simulation, scenario.control.v_max_pu)


def _first_violation(simulation: Simulation, v_max_pu: float) -> tuple[int, str] | None:
    sites = simulation.model.grid.houses
    while not simulation.done:
        tick = simulation.tick
        try:
            v_pu = simulation.step().grid.house_v_pu
        except DivergenceError as error:
            return tick, error.worst_node
        if v_pu.max() > v_max_pu:
            return tick, sites[int(v_pu.argmax())].name
    return None


def _bisect(
    fits: Callable[[float], bool], low: float, high: float, resolution: float
) -> tuple[float | None, float | None]:
    """Values no further apart than the resolution, of which the first fits and the second
    does not."""
    if fits(high):
        return high, None
    if not fits(low):
        return None, low
    while high - low > resolution * (1 + 1e-9):
        # On the grid of the resolution, so that figures are round.
        middle = low + resolution * max(1, round((high - low) / resolution / 2))
        if fits(middle):
            low = middle
        else:
            high = middle
    return low, high
