"""Objects of the user's own, and those that a scenario names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.protocols import Controller, Detector, Forecaster, Strategy
from p2p_cosim.houses import Device
from p2p_cosim.run_identity import class_of
from p2p_cosim.seams import require_role


@dataclass(frozen=True, slots=True)
class Plugins:
    """Objects that take the place of what the scenario names. None keeps the scenario's.

    strategy, forecaster: also a class or function that makes one for each trader.
    devices: by house, what stands behind its meter beside what the scenario says.
    """

    strategy: Strategy | Callable[[], Strategy] | None = None
    controller: Controller | None = None
    detector: Detector | None = None
    forecaster: Forecaster | Callable[[], Forecaster] | None = None
    devices: Mapping[str, Sequence[Device]] | None = None

    def given(self) -> dict[str, object]:
        """Those that are there, by role; a device's role is its place."""
        objects: dict[str, object] = {
            "strategy": self.strategy,
            "controller": self.controller,
            "detector": self.detector,
            "forecaster": self.forecaster,
        }
        for house, devices in (self.devices or {}).items():
            objects |= {f"device {i} of {house}": device for i, device in enumerate(devices)}
        return {role: plugin for role, plugin in objects.items() if plugin is not None}


def make_plugin(role: str, name: str) -> Any:
    """An instance of `package.module:Name`, made without arguments.

    Raises InputError if it cannot be imported or made.
    """
    made = class_of(name, role)
    try:
        plugin = made()
    except TypeError as error:
        raise InputError(
            f"{role} {name!r} cannot be made: {error}; give package.module:Name of a class "
            "that takes no arguments and is importable from here"
        ) from error
    require_role(role, plugin)
    return plugin
