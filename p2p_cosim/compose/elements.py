"""What houses lie behind together: the feeder's tree, as whoever tells operators knows it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from p2p_cosim.core.types import HouseSite
from p2p_cosim.feeders.elements import Branch
from p2p_cosim.grid.circuit import Circuit
from p2p_cosim.notify.causes import Element


def elements_of(circuit: Circuit, sites: Sequence[HouseSite]) -> tuple[Element, ...]:
    """Everything with several houses behind it, from wide to narrow.

    Of elements with the same houses behind them one is kept: the service transformer, else
    the whole feeder, else the line nearest to the houses, all phases before one.
    """
    found: dict[frozenset[str], Element] = {}
    for element in _candidates(circuit, sites):
        if len(element.houses) > 1:
            found.setdefault(element.houses, element)
    return tuple(sorted(found.values(), key=lambda one: -len(one.houses)))


def _candidates(circuit: Circuit, sites: Sequence[HouseSite]) -> Iterable[Element]:
    """In the order of preference."""
    for transformer in dict.fromkeys(site.transformer for site in sites):
        behind = [site for site in sites if site.transformer == transformer]
        yield Element("transformer", transformer, _names(behind))
    yield Element("feeder", circuit.name, _names(sites))
    lines = _lines_to_buses(circuit)
    depth = {line: number for path in lines.values() for number, line in enumerate(path)}
    for place in sorted(depth, key=lambda line: -depth[line]):
        behind = [site for site in sites if place in lines.get(site.bus, ())]
        yield Element("lateral", place, _names(behind))
        for phase in dict.fromkeys(site.phase for site in behind):
            on_it = [site for site in behind if site.phase == phase]
            yield Element("phase", f"{place}.{phase}", _names(on_it))
    for phase in dict.fromkeys(site.phase for site in sites):
        yield Element("phase", phase, _names([site for site in sites if site.phase == phase]))


def _lines_to_buses(circuit: Circuit) -> Mapping[str, tuple[str, ...]]:
    """By bus, the lines and switches from the source to it, in order."""
    beside: dict[str, list[tuple[Branch, str]]] = {}
    for branch in circuit.branches:
        beside.setdefault(branch.from_bus, []).append((branch, branch.to_bus))
        beside.setdefault(branch.to_bus, []).append((branch, branch.from_bus))
    paths: dict[str, tuple[str, ...]] = {circuit.source_bus: ()}
    to_visit = deque(paths)
    while to_visit:
        bus = to_visit.popleft()
        for branch, other in beside.get(bus, []):
            if other not in paths:
                counts = branch.kind in ("line", "switch")
                paths[other] = (*paths[bus], branch.place) if counts else paths[bus]
                to_visit.append(other)
    return paths


def _names(sites: Iterable[HouseSite]) -> frozenset[str]:
    return frozenset(site.name for site in sites)
