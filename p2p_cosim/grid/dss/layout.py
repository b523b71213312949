"""Where buses stand on the map: from a coordinates file, or drawn as a tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from p2p_cosim.grid.dss.words import unquoted, without_comment

Place = tuple[float, float]


def read_coordinates(text: str) -> dict[str, Place]:
    """Places by bus in lower case, from lines of `bus, x, y`; the separator may be blank.

    Coordinates are decoration: lines of another form (headers, comments) are passed over.
    """
    places: dict[str, Place] = {}
    for line in text.splitlines():
        cells = re.split(r"[,;\s]+", without_comment(line).strip(" ,;\t"))
        try:
            bus, x, y = unquoted(cells[0]), float(cells[1]), float(cells[2])
        except (IndexError, ValueError):
            continue
        places[bus.lower()] = (x, y)
    return places


def tree_layout(
    source: str, buses: Sequence[str], lines: Iterable[tuple[str, str]]
) -> Mapping[str, Place]:
    """Buses by their distance from the source (x), leaves one below the other (y).

    A bus that nothing joins to the source stands in a column of its own.
    """
    beside: dict[str, list[str]] = {bus: [] for bus in buses}
    for a, b in lines:
        beside[a].append(b)
        beside[b].append(a)
    parent: dict[str, str | None] = {source: None}
    order = [source]
    for bus in order:
        for other in beside[bus]:
            if other not in parent:
                parent[other] = bus
                order.append(other)
    order += [bus for bus in buses if bus not in parent]
    children = {bus: [o for o in order if parent.get(o) == bus] for bus in order}
    depth = dict.fromkeys(order, 0)
    for bus in order:
        for child in children[bus]:
            depth[child] = depth[bus] + 1
    height: dict[str, float] = {}
    leaves = 0
    stack = [bus for bus in reversed(order) if parent.get(bus) is None]
    visited: list[str] = []
    while stack:
        bus = stack.pop()
        visited.append(bus)
        stack += reversed(children[bus])
        if not children[bus]:
            height[bus] = -float(leaves)
            leaves += 1
    for bus in reversed(visited):
        if children[bus]:
            ends = [height[child] for child in children[bus]]
            height[bus] = (min(ends) + max(ends)) / 2
    return {bus: (float(depth[bus]), height[bus]) for bus in buses}
