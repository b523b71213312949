"""Where houses stand, and what they replace. Records in, records out; no engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.naming import require
from p2p_cosim.core.types import HouseSite
from p2p_cosim.feeders.elements import is_primary
from p2p_cosim.feeders.sites import service_transformer, spread_evenly
from p2p_cosim.grid.circuit import Circuit, CircuitLoad


@dataclass(frozen=True, slots=True)
class Tie:
    """A normally open second feed of a house.

    to: the service transformer that it leads to (`service_2`), or a house behind it.
    length_ft: of its conductor, which is that of a service drop.
    """

    house: str
    to: str
    length_ft: float = 150.0


@dataclass(frozen=True, slots=True)
class HousePlan:
    """Houses to attach to a feeder.

    count: number of houses; their names are `house_1` to `house_<count>`.
    sites: primary nodes as `bus.phase`; houses fill them in blocks of ceil(count / sites). Or
        `"by_load"`: every node gets its share of the houses by the published spot load on it.
    per_transformer: most houses behind one service transformer of `transformer_kva`.
    drop_ft: length of each house's service drop.
    mode: `"add"` the houses to the published loads, or `"replace"` part of the spot load of
        the same bus and phase column by `nominal_house_kw` for each house.
    ties: at most one for each house.
    """

    count: int
    sites: tuple[str, ...] | Literal["by_load"]
    per_transformer: int = 6
    transformer_kva: float = 50.0
    drop_ft: float = 80.0
    mode: Literal["add", "replace"] = "add"
    nominal_house_kw: float = 3.5
    ties: tuple[Tie, ...] = ()

    def __post_init__(self) -> None:
        for name, least in (("count", 0), ("per_transformer", 1)):
            if getattr(self, name) < least:
                raise GridError(f"{name} {getattr(self, name)} is below {least}: raise it")
        for name in ("transformer_kva", "drop_ft", "nominal_house_kw"):
            if not getattr(self, name) > 0:
                raise GridError(f"{name} {getattr(self, name)} is not positive: raise it")
        if self.count and not self.sites:
            raise GridError(f"{self.count} houses have no site: name one, such as '652.A'")
        require("mode", self.mode, ("add", "replace"))


NO_HOUSES = HousePlan(count=0, sites=())


def place_houses(circuit: Circuit, plan: HousePlan) -> tuple[HouseSite, ...]:
    """Houses in order of their number, in blocks over the sites.

    Service transformers are numbered over the whole feeder (`service_1`, ...), and one serves
    houses of one site only.

    Raises GridError for a site that is not a node of the feeder's primary (1 to 36 kV).
    """
    nodes = _primary_nodes(circuit)
    houses: list[HouseSite] = []
    transformer = 0
    for site, count in _blocks(circuit, plan, nodes):
        bus, phase = nodes[site]
        for within in range(count):
            transformer += within % plan.per_transformer == 0
            name = f"house_{len(houses) + 1}"
            houses.append(HouseSite(name, bus, phase, service_transformer(transformer)))
    return tuple(houses)


def _blocks(
    circuit: Circuit, plan: HousePlan, nodes: Mapping[str, object]
) -> Iterator[tuple[str, int]]:
    """Sites with the number of houses there."""
    if plan.sites == "by_load":
        yield from _shares(circuit, plan.count, nodes)
        return
    for site in plan.sites:
        require("site", site, nodes)
    yield from spread_evenly(plan.count, plan.sites)


def _shares(circuit: Circuit, count: int, nodes: Mapping[str, object]) -> Iterator[tuple[str, int]]:
    """Largest remainders of the spot load by node; a load on several phases is on each alike."""
    load_kw: dict[str, float] = {}
    for load in circuit.loads:
        for phase in load.phase or load.phases:
            node = f"{load.bus}.{phase}"
            if not load.distributed and node in nodes:
                share_kw = load.p_kw / len(load.phase or load.phases)
                load_kw[node] = load_kw.get(node, 0.0) + share_kw
    total_kw = sum(load_kw.values())
    if count and not total_kw > 0:
        raise GridError("sites 'by_load' needs spot loads on the primary: name sites instead")
    exact = {node: count * kw / total_kw for node, kw in load_kw.items()}
    whole = {node: int(share) for node, share in exact.items()}
    by_remainder = sorted(exact, key=lambda node: whole[node] - exact[node])  # stable: file order
    for node in by_remainder[: count - sum(whole.values())]:
        whole[node] += 1
    yield from whole.items()


def place_ties(houses: Sequence[HouseSite], plan: HousePlan) -> dict[str, tuple[str, float]]:
    """Where the plan's ties lead: service transformer and length in ft, by house.

    Raises GridError for an unknown house or transformer, a second tie of a house, a length
    that is not positive, and a tie to the house's own transformer or to another phase.
    """
    by_name = {house.name: house for house in houses}
    first = {house.transformer: house for house in reversed(houses)}
    ties: dict[str, tuple[str, float]] = {}
    for tie in plan.ties:
        require("house", tie.house, by_name)
        require("end of a tie", tie.to, (*by_name, *first))
        house, behind = by_name[tie.house], by_name.get(tie.to) or first[tie.to]
        what = f"the tie of '{tie.house}' to '{tie.to}'"
        if tie.house in ties:
            raise GridError(f"{what} is a second one: a house has one, remove it")
        if not tie.length_ft > 0:
            raise GridError(f"{what} is {tie.length_ft} ft long: give a positive length")
        if behind.transformer == house.transformer:
            raise GridError(
                f"{what} ends at '{house.transformer}', which already feeds the house: lead it "
                "to another transformer"
            )
        if behind.phase != house.phase:
            raise GridError(
                f"{what} leads from phase {house.phase} to phase {behind.phase}: lead it to a "
                "transformer of the same phase"
            )
        ties[tie.house] = (behind.transformer, tie.length_ft)
    return ties


def remaining_loads(
    loads: Sequence[CircuitLoad], houses: Sequence[HouseSite], plan: HousePlan
) -> tuple[CircuitLoad, ...]:
    """The published loads beside the houses: all of them, or less what houses replace.

    The power factor of a reduced load stays. Raises GridError if houses replace a spot load
    that is not there, or more than it draws.
    """
    if plan.mode == "add":
        return tuple(loads)
    counts = Counter((house.bus, house.phase) for house in houses)
    spots = {(load.bus, load.phase): load for load in loads if not load.distributed}
    reduced: dict[str, CircuitLoad] = {}
    for (bus, phase), count in counts.items():
        load, houses_kw = spots.get((bus, phase)), count * plan.nominal_house_kw
        if load is None or houses_kw > load.p_kw:
            there = "has no spot load" if load is None else f"has a spot load of {load.p_kw:g} kW"
            raise GridError(
                f"site '{bus}.{phase}' {there}, and its {count} houses replace {houses_kw:g} kW: "
                "use mode 'add', fewer houses, or another site"
            )
        kept = 1 - houses_kw / load.p_kw
        reduced[load.name] = replace(load, p_kw=load.p_kw * kept, q_kvar=load.q_kvar * kept)
    return tuple(reduced.get(load.name, load) for load in loads)


def _primary_nodes(circuit: Circuit) -> dict[str, tuple[str, str]]:
    return {
        f"{bus.name}.{phase}": (bus.name, phase)
        for bus in circuit.buses.values()
        if is_primary(bus)
        for phase in bus.phases
    }
