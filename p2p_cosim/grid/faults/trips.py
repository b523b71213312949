"""What the file's own generators do when a fault cuts them off: they give nothing, as an inverter
holds no island (IEEE 1547-2018, 8.1) and stops when it loses a phase (6.2.2).

Without it one that holds a voltage, or limits its current, gives the engine no solution.
"""

from __future__ import annotations

from collections.abc import Collection

from p2p_cosim.core.brief import Brief
from p2p_cosim.grid.circuit import Circuit
from p2p_cosim.grid.commands import quoted
from p2p_cosim.grid.conductors import Conductors, Node

STAYING = ("indmach012", "vsource")
"""Motors, which what is left of a supply turns, and sources in series, which hold no island."""


class Trips(Brief):
    """Which generators, PV systems, storages and current sources have tripped.

    changes: grows whenever some trip or come back.
    """

    def __init__(self, circuit: Circuit, conductors: Conductors) -> None:
        published = conductors.fed() if circuit.others else set()
        self._nodes = {
            name: published & {(bus, node) for node in nodes}
            for name, bus, nodes in circuit.others
            if name.partition(".")[0] not in STAYING
        }
        self._tripped: set[str] = set()
        self.changes = 0

    def commands(self, fed: Collection[Node]) -> list[str]:
        """Commands that trip what lost a conductor, and close what has all of them again.

        fed: nodes that are joined to a source.
        """
        tripped = {name for name, nodes in self._nodes.items() if not nodes <= set(fed)}
        changed = sorted(tripped ^ self._tripped)
        self._tripped = tripped
        self.changes += bool(changed)
        return [
            f"edit {quoted(name)} enabled={'no' if name in tripped else 'yes'}" for name in changed
        ]
