"""Who is fed by what: service drops, ties, and everything that breaks between them.

Returns commands, and leaves running them to the grid.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.fault_kinds import HOUSE_OUTAGE
from p2p_cosim.core.naming import require
from p2p_cosim.core.types import Fault, HouseSite
from p2p_cosim.grid.circuit import Circuit
from p2p_cosim.grid.commands import drop_name, tie_name
from p2p_cosim.grid.faults import BrokenNetwork

BoolArray = NDArray[np.bool_]


class Supply:
    """The state of drops, ties and faults.

    ties: by house with a second feed, the transformer it leads to; all are open.
    regcontrol: whether the feeder's own RegControls are in use.
    supplied, may_export: which houses have any supply, and which may export; both of shape
    (houses,). topology: grows whenever a switch moves, or something breaks or is repaired.
    """

    def __init__(
        self,
        circuit: Circuit,
        houses: tuple[HouseSite, ...],
        ties: Mapping[str, str],
        *,
        regcontrol: bool,
    ) -> None:
        self._houses = houses
        self._broken = BrokenNetwork(circuit, houses, regcontrol=regcontrol)
        self._ties = dict(ties)
        self._on_tie = dict.fromkeys(self._ties, False)
        self.topology = 0
        self.supplied: BoolArray = np.ones(len(houses), dtype=bool)
        self.may_export: BoolArray = np.ones(len(houses), dtype=bool)

    @property
    def is_shorted(self) -> bool:
        """Whether a short circuit stands."""
        return self._broken.is_shorted

    @property
    def broken(self) -> tuple[str, ...]:
        """What stands broken, each as `kind at place`."""
        return self._broken.told

    @property
    def trips(self) -> int:
        """Grows whenever generators of the feeder's own trip or come back."""
        return self._broken.trips

    @property
    def is_broken(self) -> bool:
        """Whether any fault stands."""
        return self._broken.is_broken

    def anchors(self) -> list[str]:
        """Commands that hold what is open, for an engine that finds no solution without."""
        return self._broken.anchors()

    def check(self, fault: Fault) -> None:
        """Raise GridError unless the fault names a kind, place and phases of this feeder."""
        self._broken.check(fault)

    def break_(self, fault: Fault) -> list[str]:
        """Commands that break something. Raises GridError as `BrokenNetwork.add` does."""
        return self._changed(fault, self._broken.add(fault))

    def repair(self, fault: Fault) -> list[str]:
        """Commands that repair it. Raises GridError as `BrokenNetwork.remove` does."""
        return self._changed(fault, self._broken.remove(fault))

    def transfer(self, house: str, to_tie: bool) -> list[str]:
        """Commands that throw a transfer switch; none if it stands so already.

        Raises GridError for a house without a tie.
        """
        require("house with a tie", house, self._on_tie)
        if self._on_tie[house] == to_tie:
            return []
        self._on_tie[house] = to_tie
        self._find()
        return self._switch(house)

    def _changed(self, fault: Fault, commands: list[str]) -> list[str]:
        self._find()
        if fault.kind == HOUSE_OUTAGE:
            return [*commands, *self._switch(fault.place)]
        return commands

    def _switch(self, house: str) -> list[str]:
        broken, on_tie = self._broken.drop_is_open(house), self._on_tie.get(house, False)
        # The meter side: a bus without any admittance would make the matrix singular, and at
        # an open terminal the engine leaves it a trace.
        closed = {f"line.{drop_name(house)} 2": not broken and not on_tie}
        if house in self._on_tie:
            closed[f"line.{tie_name(house)} 2"] = on_tie
        # Break before make: at no moment are two feeds closed.
        commands = [f"{'close' if on else 'open'} {switch}" for switch, on in closed.items()]
        return sorted(commands, reverse=True)

    def _find(self) -> None:
        feeding: dict[str, str | None] = {}
        for house in self._houses:
            on_tie = self._on_tie.get(house.name, False)
            dark = not on_tie and self._broken.drop_is_open(house.name)
            own = None if dark else house.transformer
            feeding[house.name] = self._ties[house.name] if on_tie else own
        self.supplied, self.may_export = self._broken.live(feeding)
        self.topology += 1
