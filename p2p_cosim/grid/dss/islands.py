"""What no conductor joins to a source: it is dark, and must not make the power flow unsolvable.

An island without any way to ground (behind a disabled line, with loads between phases) has no
voltage that follows from anything, and the engine finds no solution for the whole feeder.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from p2p_cosim.feeders.elements import Branch
from p2p_cosim.grid.commands import ANCHOR_OHM, quoted
from p2p_cosim.grid.conductors import fed_nodes
from p2p_cosim.grid.engine import PHASES
from p2p_cosim.grid.records import ElementRecord, SourceRecord

_HOLDING = ("generator", "pvsystem", "storage")


def anchors(
    elements: Sequence[ElementRecord], branches: Sequence[Branch], sources: Sequence[SourceRecord]
) -> list[str]:
    """Commands that hold every conductor of an island at ground by 10 Mohm, which carry nothing at
    its voltage of 0. elements: branches and loads."""
    fed = _fed(branches, sources)
    live = {bus for bus, _ in fed}
    dark: dict[str, set[int]] = defaultdict(set)
    for element in elements:
        for bus, nodes in element.terminals:
            # A neutral of a bus that is not dark has ground by what the file gives it.
            last = PHASES if bus in live else max(nodes)
            if unfed := {n for n in nodes if 1 <= n <= last and (bus, n) not in fed}:
                dark[bus] |= unfed
    return [
        f"new reactor.ground_island_{number} phases={len(nodes)}"
        f' bus1="{bus}.{".".join(map(str, sorted(nodes)))}" r={ANCHOR_OHM} x=0'
        for number, (bus, nodes) in enumerate(dark.items(), start=1)
    ]


def stopped(
    others: Sequence[tuple[str, str, tuple[int, ...]]],
    branches: Sequence[Branch],
    sources: Sequence[SourceRecord],
) -> list[str]:
    """Commands that stop the generators of islands: one that holds a voltage makes the engine's
    voltages NaN where there is none."""
    fed = _fed(branches, sources)
    return [
        f"edit {quoted(name)} enabled=no"
        for name, bus, nodes in others
        if name.partition(".")[0] in _HOLDING and not any((bus, node) in fed for node in nodes)
    ]


def _fed(branches: Sequence[Branch], sources: Sequence[SourceRecord]) -> set[tuple[str, int]]:
    return fed_nodes([(source.bus, source.nodes) for source in sources], branches)
