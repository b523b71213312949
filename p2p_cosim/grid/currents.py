"""Currents where a feeder can be opened: what a fuse or recloser there carries."""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.core.naming import require
from p2p_cosim.core.types import HouseSite
from p2p_cosim.feeders.elements import PHASE_OF
from p2p_cosim.grid.circuit import Circuit
from p2p_cosim.grid.engine import Engine


class PlaceCurrents:
    """Currents by place of the state that the engine solved last."""

    def __init__(self, engine: Engine, circuit: Circuit, houses: Sequence[HouseSite]) -> None:
        self._engine = engine
        # Elements at each place, with the node of each conductor of the first terminal.
        self._at: dict[str, list[tuple[str, tuple[int, ...]]]] = {
            place: [(branch.element, tuple(node for node, _ in branch.joins)) for branch in group]
            for place, group in circuit.breakable().items()
        }
        for house in houses:
            nodes = tuple(node for node, name in PHASE_OF.items() if name in house.phase)
            self._at.setdefault(house.transformer, [(f"transformer.{house.transformer}", nodes)])

    def at(self, place: str) -> dict[str, complex]:
        """In A by phase, into the place; parallel elements together.

        Raises GridError for a place that is no line, switch or service transformer.
        """
        require("line, switch or service transformer", place, self._at)
        total: dict[str, complex] = {}
        for element, nodes in self._at[place]:
            currents = self._engine.currents_a(element.strip('"'))
            for node, current in zip(nodes, currents, strict=False):
                if node in PHASE_OF:
                    phase = PHASE_OF[node]
                    total[phase] = total.get(phase, 0j) + complex(current)
        return total
