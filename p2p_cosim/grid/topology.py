"""The feeder's map as plain data, so that figures need no engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from p2p_cosim.grid.feeder import load_feeder


@dataclass(frozen=True, slots=True)
class FeederMap:
    """Bus coordinates (drawing units, y upwards) and the branches between buses."""

    buses: Mapping[str, tuple[float, float]]
    lines: tuple[tuple[str, str], ...]


def feeder_map(name: str) -> FeederMap:
    """The map of a feeder: lines, switches, transformers and regulators as branches.

    Raises GridError for an unknown name.
    """
    feeder = load_feeder(name)
    branches = (feeder.regulators, feeder.lines, feeder.switches, feeder.transformers)
    ends = [(branch.from_bus, branch.to_bus) for group in branches for branch in group]
    return FeederMap(
        buses={bus.name: (bus.x, bus.y) for bus in feeder.buses.values()},
        # The three regulators stand side by side between the same buses.
        lines=tuple(dict.fromkeys(ends)),
    )
