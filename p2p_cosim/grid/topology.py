"""The feeder's map as plain data, so that figures need no engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from p2p_cosim.grid.circuit import Circuit


@dataclass(frozen=True, slots=True)
class FeederMap:
    """Bus coordinates (drawing units, y upwards) and the branches between buses."""

    buses: Mapping[str, tuple[float, float]]
    lines: tuple[tuple[str, str], ...]


def feeder_map(circuit: Circuit) -> FeederMap:
    """The map of a feeder: lines, switches, transformers and regulators as branches."""
    order = ("regulator", "line", "switch", "transformer")
    ends = [(b.from_bus, b.to_bus) for kind in order for b in circuit.branches if b.kind == kind]
    return FeederMap(
        buses={bus.name: (bus.x, bus.y) for bus in circuit.buses.values()},
        # Regulators of three phases stand side by side between the same buses.
        lines=tuple(dict.fromkeys(ends)),
    )
