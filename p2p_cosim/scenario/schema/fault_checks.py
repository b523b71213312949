"""What must hold of faults: where they are, when, and beside which others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from p2p_cosim.core.fault_kinds import AT_A_HOUSE, SHORTS
from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.core.roles import controller_facts
from p2p_cosim.feeders import Breakable, service_transformers, spread_evenly
from p2p_cosim.scenario.schema.faults import FaultEntry
from p2p_cosim.scenario.schema.fields import AT_LOADS, BY_LOAD
from p2p_cosim.scenario.schema.problems import Finding, show

if TYPE_CHECKING:
    from p2p_cosim.scenario.schema.scenario import Scenario


def faults(scenario: Scenario) -> Iterator[Finding]:
    """Faults are at places of the feeder, within the run, and do not stand on each other."""
    ticks = scenario.clock.ticks
    last_end: dict[tuple[str, str, str], int] = {}
    schedule = scenario.faults.schedule
    for i, fault in enumerate(schedule):
        at = f"faults.schedule[{i}]"
        if wrong := _place_problem(scenario, fault.kind, fault.place, fault.phases):
            yield Finding((f"{at}.place", "houses.count"), wrong)
        if fault.end_tick <= fault.start_tick:
            yield Finding(
                (f"{at}.end_tick",),
                f"{fault.end_tick} is not after start_tick {fault.start_tick}: raise it",
            )
        if fault.end_tick > ticks:
            yield Finding(
                (f"{at}.end_tick", "clock.ticks"),
                f"{fault.end_tick} is beyond clock.ticks {ticks}, the end of the run: lower it",
            )
    for i, fault in sorted(enumerate(schedule), key=lambda entry: entry[1].start_tick):
        thing = (fault.place, fault.kind, fault.phases)
        if fault.start_tick < last_end.get(thing, 0):
            yield Finding(
                (f"faults.schedule[{i}].start_tick",),
                f"{fault.start_tick} is before the repair of an earlier fault of {fault.place} at "
                f"tick {last_end[thing]}: join them, or start later",
            )
        last_end[thing] = max(fault.end_tick, last_end.get(thing, 0))
    for i, message in _overlapping_shorts(schedule):
        yield Finding((f"faults.schedule[{i}].start_tick",), message)
    yield from _fault_rates(scenario)
    yield from _protection(scenario)


def _protection(scenario: Scenario) -> Iterator[Finding]:
    seen: set[str] = set()
    transformers = _transformers(scenario)
    for i, device in enumerate(scenario.faults.protection.devices):
        at = f"faults.protection.devices[{i}]"
        if device.place in seen:
            yield Finding((f"{at}.place",), f"{device.place} has a device already: leave one out")
        seen.add(device.place)
        if device.kind == "fuse" and device.ground_a is not None:
            yield Finding((f"{at}.ground_a",), "a fuse has no ground element: leave it out")
        if scenario.places is None or transformers is None:
            continue
        known = (*scenario.places.of("branch"), *transformers)
        if device.place not in known:
            near = did_you_mean(device.place, known)
            what = "no line, switch or service transformer"
            yield Finding((f"{at}.place",), f"{show(device.place)} is {what}{near}")


def _fault_rates(scenario: Scenario) -> Iterator[Finding]:
    for i, rate in enumerate(scenario.faults.rates):
        at = f"faults.rates[{i}].places"
        if not rate.places and rate.kind not in AT_A_HOUSE:
            yield Finding((at,), f"is empty: {rate.kind} does not happen at houses, name where")
        for place in rate.places:
            if wrong := _place_problem(scenario, rate.kind, place, rate.phases):
                yield Finding((at, "houses.count"), wrong)


def _place_problem(scenario: Scenario, kind: str, place: str, phases: str) -> str | None:
    """What is wrong with the place or phases of a fault, or None.

    Places of a feeder that only the engine can read are the grid's to check, by the same rules.
    """
    breakable = Breakable(
        scenario.places,
        scenario.house_names,
        _transformers(scenario),
        own_control=controller_facts(scenario.control.controller).own_control,
    )
    problem = breakable.problem(kind, place, phases)
    return None if problem is None else f"{show(place)} {problem}"


def _transformers(scenario: Scenario) -> tuple[str, ...] | None:
    """Names as the grid gives them; None if it spreads the houses by load."""
    houses = scenario.houses
    if houses.sites in (BY_LOAD, AT_LOADS) or scenario.places is None:
        return None
    sizes = [count for _, count in spread_evenly(houses.count, houses.sites)]
    return service_transformers(sizes, houses.per_transformer)


def _overlapping_shorts(entries: tuple[FaultEntry, ...]) -> Iterator[tuple[int, str]]:
    """Index and message of each short circuit that begins while another stands."""
    busy_until = 0
    numbered = [(i, entry) for i, entry in enumerate(entries) if entry.kind in SHORTS]
    for i, entry in sorted(numbered, key=lambda pair: pair[1].start_tick):
        if entry.start_tick < busy_until:
            yield (
                i,
                f"{entry.start_tick} is before the end of another short circuit at tick "
                f"{busy_until}: the feeder holds one at a time, start later",
            )
        busy_until = max(busy_until, entry.end_tick)
