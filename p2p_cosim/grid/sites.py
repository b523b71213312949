"""Nodes where a house can be connected, and loads that houses go by."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.naming import require
from p2p_cosim.feeders.elements import NEXT_PHASE, PRIMARY_KV, Bus, between_phases
from p2p_cosim.grid.circuit import Circuit, CircuitLoad
from p2p_cosim.grid.conductors import grounded_buses, joined_buses, transformer_of

_SECONDARY_KV = (0.1, PRIMARY_KV[0])
"""Line-to-line voltages of a network that houses are connected to without a transformer."""

SERVICE_KV = 0.24
"""Nominal voltage behind a service transformer of one phase."""
WYE_KV = 0.208
"""Line to line, behind a service transformer of three (208Y/120 V)."""


@dataclass(frozen=True, slots=True)
class HouseNode:
    """A node for houses: on the primary, where they get a service transformer, or on the feeder's
    own low voltage, behind its own (`transformer`).

    base_kv: nominal voltage at the meter: to neutral, or between two conductors.
    """

    bus: str
    phase: str
    on_secondary: bool = False
    transformer: str = ""
    base_kv: float = 0.0


def house_nodes(circuit: Circuit) -> dict[str, HouseNode]:
    """By site (`bus.phase`): all nodes where houses can be connected, between two phases
    (`bus.AB`) and on all three (`bus.ABC`) among them.

    Without a reference to ground (behind a delta winding) there are none of single phases, and on
    low voltage none of three.
    """
    grounded, behind = grounded_buses(circuit), transformer_of(circuit)
    nodes = {}
    for bus in circuit.buses.values():
        on_secondary = _SECONDARY_KV[0] <= bus.base_kv < _SECONDARY_KV[1]
        if not (on_secondary or PRIMARY_KV[0] <= bus.base_kv <= PRIMARY_KV[1]):
            continue
        has_ground = bus.name in grounded
        for phase in (*(bus.phases if has_ground else ""), *between_phases(bus.phases)):
            if len(phase) > len("AB") and on_secondary and not has_ground:
                continue
            base_kv = _nominal_kv(bus, phase, on_secondary=on_secondary)
            nodes[f"{bus.name}.{phase}"] = HouseNode(
                bus.name, phase, on_secondary, behind.get(bus.name, ""), base_kv
            )
    return nodes


def _nominal_kv(bus: Bus, phase: str, *, on_secondary: bool) -> float:
    if not on_secondary:
        return SERVICE_KV if len(phase) < len("ABC") else WYE_KV / math.sqrt(3)
    return bus.pair_kv if len(phase) == len("AB") else bus.base_kv / math.sqrt(3)


def require_source(circuit: Circuit, site: str) -> None:
    """Raise GridError for a site at a bus that nothing joins to a source, not even a switch that
    is open."""
    bus, joined = site.rpartition(".")[0].lower(), joined_buses(circuit)
    if bus in circuit.buses and bus not in joined:
        raise GridError(f"site {site!r} is dark: nothing joins bus {bus!r} to a source; enable it")


def known_site(site: str, nodes: Mapping[str, HouseNode]) -> str:
    """A site as the feeder spells it; OpenDSS has no case, and neither has a user's file. Phases
    may stand in any order.

    Raises GridError for a site that is none.
    """
    if site in nodes:
        return site
    bus, dot, phase = site.rpartition(".")
    spelled = f"{bus.lower()}{dot}{phase.upper()}"
    if spelled in nodes:
        return spelled
    there = [name for name in nodes if name.startswith(f"{bus.lower()}.")]
    for name in there:
        if sorted(name.rpartition(".")[2]) == sorted(phase.upper()):
            return name
    if there:
        between = len(phase) != len("AB") and len(there[0].rpartition(".")[2]) > 1
        why = (
            " (it has no ground of less than 0.1 ohm, so houses stand between phases)"
            if between
            else ""
        )
        raise GridError(
            f"site {site!r} is no node for a house: bus {bus!r} has {', '.join(there)}{why}"
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

    Raises GridError if there are fewer than `count` loads on low voltage that a house can take
    the place of: of one phase, between two, or on all three.
    """
    found = [
        (load, site)
        for load in loads
        if (load.phase or load.phases == "ABC")  # of two phases to neutral there are no houses
        and (site := f"{load.bus}.{load.phases}") in nodes
        and nodes[site].on_secondary
    ]
    if len(found) < count:
        raise GridError(
            "sites 'at_loads' puts each house in the place of a load on low voltage, of one phase, "
            f"between two or on three: {count} houses, and the feeder has {len(found)} such loads; "
            "lower houses.count"
        )
    return found[:count]


def sites_of(load: CircuitLoad, nodes: Mapping[str, HouseNode]) -> list[str]:
    """The sites that a load stands at: its phases; between two of them where there is no ground,
    and where a load of low voltage is."""
    between = f"{load.bus}.{load.phases}"
    is_between = bool(load.phase) and len(load.phases) == len("AB") and between in nodes
    if is_between and nodes[between].on_secondary:
        return [between]
    singles = [f"{load.bus}.{phase}" for phase in load.phase or load.phases]
    if here := [site for site in singles if site in nodes]:
        return here
    pairs = [f"{load.bus}.{first}{second}" for first, second in NEXT_PHASE.items()]
    return [site for site in pairs if site in nodes and set(nodes[site].phase) <= set(load.phases)]
