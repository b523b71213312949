"""Nodes where a house can be connected, and loads that houses go by."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.naming import require
from p2p_cosim.feeders.elements import NEXT_PHASE, PRIMARY_KV, Bus
from p2p_cosim.grid.circuit import Circuit, CircuitLoad
from p2p_cosim.grid.conductors import grounded_buses, transformer_of

_SECONDARY_KV = (0.1, PRIMARY_KV[0])
"""Line-to-line voltages of a network that houses are connected to without a transformer."""


@dataclass(frozen=True, slots=True)
class HouseNode:
    """A node for houses: on the primary, where they get a service transformer, or on the feeder's
    own low voltage, behind its own (`transformer`), at `base_kv` to neutral."""

    bus: str
    phase: str
    on_secondary: bool = False
    transformer: str = ""
    base_kv: float = 0.0


def house_nodes(circuit: Circuit) -> dict[str, HouseNode]:
    """By site (`bus.phase`): all nodes where houses can be connected.

    Without a reference to ground (behind a delta winding) that is between two phases.
    """
    grounded, behind = grounded_buses(circuit), transformer_of(circuit)
    nodes = {}
    for bus in circuit.buses.values():
        on_secondary = _SECONDARY_KV[0] <= bus.base_kv < _SECONDARY_KV[1]
        if not (on_secondary or PRIMARY_KV[0] <= bus.base_kv <= PRIMARY_KV[1]):
            continue
        for phase in bus.phases if bus.name in grounded else _pairs(bus):
            base_kv = bus.base_kv / (math.sqrt(3) if len(phase) == 1 else 1.0)
            nodes[f"{bus.name}.{phase}"] = HouseNode(
                bus.name, phase, on_secondary, behind.get(bus.name, ""), base_kv
            )
    return nodes


def known_site(site: str, nodes: Mapping[str, HouseNode]) -> str:
    """A site as the feeder spells it; OpenDSS has no case, and neither has a user's file.

    Raises GridError for a site that is none.
    """
    if site in nodes:
        return site
    bus, dot, phase = site.rpartition(".")
    spelled = f"{bus.lower()}{dot}{phase.upper()}"
    if spelled in nodes:
        return spelled
    pairs = [name for name in nodes if name.startswith(f"{bus.lower()}.")]
    if pairs:
        between = len(phase) == 1 and len(pairs[0].rpartition(".")[2]) > 1
        why = " (it has no ground, so houses stand between phases)" if between else ""
        raise GridError(
            f"site {site!r} is no node for a house: bus {bus!r} has {', '.join(pairs)}{why}"
        )
    require("site", site, nodes)
    return site


def shares_by_load(
    loads: Sequence[CircuitLoad], count: int, nodes: Mapping[str, HouseNode]
) -> Iterator[tuple[str, int]]:
    """Largest remainders of the spot load by node; a load on several phases is on each alike.

    What feeds in is no load and gets no house. Raises GridError if there is no load at all.
    """
    load_kw: dict[str, float] = {}
    for load in loads:
        sites = [site for site in sites_of(load, nodes) if not load.distributed]
        for site in sites:
            load_kw[site] = load_kw.get(site, 0.0) + max(load.p_kw, 0.0) / len(sites)
    load_kw = {site: kw for site, kw in load_kw.items() if kw > 0}
    total_kw = sum(load_kw.values())
    if count and not total_kw > 0:
        raise GridError(
            "sites 'by_load' needs spot loads at nodes for houses, and there is none: name sites, "
            f"such as {next(iter(nodes), 'a bus of 1 to 36 kV')!r}"
        )
    exact = {node: count * kw / total_kw for node, kw in load_kw.items()}
    whole = {node: int(share) for node, share in exact.items()}
    by_remainder = sorted(exact, key=lambda node: whole[node] - exact[node])  # stable: file order
    for node in by_remainder[: count - sum(whole.values())]:
        whole[node] += 1
    yield from whole.items()


def loads_replaced(
    loads: Sequence[CircuitLoad], count: int, nodes: Mapping[str, HouseNode]
) -> list[tuple[CircuitLoad, str]]:
    """The loads that houses take the place of (`at_loads`), each with its site.

    Raises GridError if there are fewer than `count` loads of one phase on low voltage.
    """
    found = [
        (load, site)
        for load in loads
        for site in sites_of(load, nodes)
        if nodes[site].on_secondary and len(load.phases) == len(nodes[site].phase)
    ]
    if len(found) < count:
        raise GridError(
            f"sites 'at_loads' puts each house in the place of a load of one phase on low voltage: "
            f"{count} houses, and the feeder has {len(found)} such loads; lower houses.count"
        )
    return found[:count]


def sites_of(load: CircuitLoad, nodes: Mapping[str, HouseNode]) -> list[str]:
    """The sites that a load stands at: its phases, or between them where there is no ground."""
    singles = [f"{load.bus}.{phase}" for phase in load.phase or load.phases]
    if here := [site for site in singles if site in nodes]:
        return here
    pairs = [f"{load.bus}.{first}{second}" for first, second in NEXT_PHASE.items()]
    return [site for site in pairs if site in nodes and set(nodes[site].phase) <= set(load.phases)]


def _pairs(bus: Bus) -> list[str]:
    return [
        first + second
        for first, second in NEXT_PHASE.items()
        if first in bus.phases and second in bus.phases
    ]
