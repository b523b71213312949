"""What is left of the published loads beside the houses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import HouseSite
from p2p_cosim.grid.circuit import Circuit, CircuitLoad
from p2p_cosim.grid.houses import HousePlan
from p2p_cosim.grid.sites import HouseNode, house_nodes, loads_replaced, sites_of


def remaining_loads(
    circuit: Circuit, houses: Sequence[HouseSite], plan: HousePlan
) -> tuple[CircuitLoad, ...]:
    """The published loads beside the houses: all of them, or less what houses replace.

    The power factor of a reduced load stays. Raises GridError if houses replace a spot load
    that is not there, or more than it draws.
    """
    loads = circuit.loads
    if plan.sites == "at_loads":
        gone = {load.name for load, _ in loads_replaced(loads, plan.count, house_nodes(circuit))}
        return tuple(
            replace(load, p_kw=0.0, q_kvar=0.0) if load.name in gone else load for load in loads
        )
    if plan.mode == "add":
        return loads
    taken_kw = _taken_kw(loads, houses, plan, house_nodes(circuit))
    return tuple(
        _reduced(load, taken_kw[load.name]) if load.name in taken_kw else load for load in loads
    )


def _taken_kw(
    loads: Sequence[CircuitLoad],
    houses: Sequence[HouseSite],
    plan: HousePlan,
    nodes: Mapping[str, HouseNode],
) -> dict[str, float]:
    """By load, what houses replace of it: of loads at their own node first, then of those that
    stand at several, whose phases all fall alike."""
    taken: dict[str, float] = defaultdict(float)
    spots = [(load, sites_of(load, nodes)) for load in loads if not load.distributed]
    counts: dict[str, Fraction] = defaultdict(Fraction)
    for house in houses:
        own, singles = f"{house.bus}.{house.phase}", [f"{house.bus}.{p}" for p in house.phase]
        as_loads = any(own in sites for _, sites in spots) or singles[0] not in nodes
        for site in [own] if as_loads else singles:
            counts[site] += Fraction(1, 1 if as_loads else len(singles))
    for site, count in counts.items():
        wanted_kw = float(count) * plan.nominal_house_kw
        here = sorted((s for s in spots if site in s[1]), key=lambda spot: len(spot[1]))
        there_kw = sum(max(load.p_kw, 0.0) / len(sites) for load, sites in here)
        if wanted_kw > there_kw * (1 + 1e-9):
            there = f"has a spot load of {there_kw:g} kW" if here else "has no spot load"
            raise GridError(
                f"site '{site}' {there}, and its {float(count):g} houses replace {wanted_kw:g} kW: "
                "use mode 'add', fewer houses, or another site"
            )
        for load, _ in here:
            part_kw = min(wanted_kw, max(load.p_kw - taken[load.name], 0.0))
            taken[load.name] += part_kw
            wanted_kw -= part_kw
    return taken


def _reduced(load: CircuitLoad, taken_kw: float) -> CircuitLoad:
    kept = 1 - taken_kw / load.p_kw if load.p_kw else 1.0
    return replace(load, p_kw=load.p_kw * kept, q_kvar=load.q_kvar * kept)
