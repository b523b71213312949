"""Where houses stand, and what they replace. Records in, records out; no engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.naming import require
from p2p_cosim.core.types import HouseSite
from p2p_cosim.feeders.sites import service_transformer, spread_evenly
from p2p_cosim.grid.circuit import Circuit
from p2p_cosim.grid.sites import (
    HouseNode,
    house_nodes,
    known_site,
    loads_replaced,
    require_source,
    shares_by_load,
)


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
    sites: nodes as `bus.phase` (`bus.AB` between two phases, `bus.ABC` on three), on the primary
        or on the feeder's own low voltage; houses fill them in blocks of ceil(count / sites). Or
        `"by_load"`: every node gets its share of the houses by the published spot load on it. Or
        `"at_loads"`: one house in the place of each of the first `count` loads on low voltage.
    per_transformer: most houses behind one service transformer of `transformer_kva`.
    drop_ft: length of each house's service drop.
    mode: `"add"` the houses to the published loads, or `"replace"` part of the spot load of
        the same bus and phase by `nominal_house_kw` for each house.
    ties: at most one for each house.
    """

    count: int
    sites: tuple[str, ...] | Literal["by_load", "at_loads"]
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
    houses of one site only; on low voltage a house is behind the feeder's own transformer.

    Raises GridError for a site that is not a node where a house can be connected.
    """
    nodes = house_nodes(circuit)
    houses: list[HouseSite] = []
    transformer = 0
    for site, count in _blocks(circuit, plan, nodes):
        node = nodes[site]
        for within in range(count):
            name = f"house_{len(houses) + 1}"
            behind = node.transformer
            if not node.on_secondary:
                transformer += within % plan.per_transformer == 0
                behind = service_transformer(transformer)
            houses.append(
                HouseSite(name, node.bus, node.phase, behind, node.base_kv, node.on_secondary)
            )
    return tuple(houses)


def _blocks(
    circuit: Circuit, plan: HousePlan, nodes: Mapping[str, HouseNode]
) -> Iterator[tuple[str, int]]:
    """Sites with the number of houses there."""
    if plan.sites == "by_load":
        yield from shares_by_load(circuit.loads, plan.count, nodes)
        return
    if plan.sites == "at_loads":
        yield from ((site, 1) for _, site in loads_replaced(circuit.loads, plan.count, nodes))
        return
    for site, count in spread_evenly(plan.count, plan.sites):
        require_source(circuit, site)
        yield known_site(site, nodes), count


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
        if house.on_secondary or behind.on_secondary:
            raise GridError(
                f"{what} would leave the feeder's own low voltage: houses there have no tie, "
                "place them on the primary"
            )
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
