"""Agents of the network operator: one looks at meters, one moves taps."""

from __future__ import annotations

import mesa

from p2p_cosim.core.protocols import Controller, Detector
from p2p_cosim.core.types import Alarm, ControlView, Decision, MeterView


class FaultAgent(mesa.Agent):  # type: ignore[misc]  # mesa is untyped
    """Watches the house meters through a detector."""

    def __init__(self, model: mesa.Model, detector: Detector) -> None:
        super().__init__(model)
        self.detector = detector

    def inspect(self, meters: MeterView) -> tuple[Alarm, ...]:
        """Alarms that leave at the end of the tick."""
        return tuple(self.detector.inspect(meters))


class GridController(mesa.Agent):  # type: ignore[misc]  # mesa is untyped
    """Decides tap moves before delivery through a controller."""

    def __init__(self, model: mesa.Model, controller: Controller) -> None:
        super().__init__(model)
        self.controller = controller

    def decide(self, view: ControlView) -> Decision:
        """What the controller wants; the model makes its moves before delivery."""
        return self.controller.decide(view)
