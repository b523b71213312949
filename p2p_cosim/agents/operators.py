"""Agents of the network operator: one looks at meters, one moves taps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from p2p_cosim.agents.framework import Agent, Model
from p2p_cosim.core.protocols import Controller, Detector
from p2p_cosim.core.types import Alarm, ControlView, Decision, MeterView, TapMove
from p2p_cosim.seams import Source, checked_alarms, checked_decision

OWN_CONTROL = "RegControl: its compensated voltage had left its band"


class FaultAgent(Agent):  # type: ignore[misc]  # mesa is untyped
    """Watches the house meters through a detector."""

    def __init__(self, model: Model, detector: Detector) -> None:
        super().__init__(model)
        self.detector = detector

    def __repr__(self) -> str:
        return f"FaultAgent({type(self.detector).__name__})"

    def inspect(self, meters: MeterView) -> tuple[Alarm, ...]:
        """Alarms that leave at the end of the tick. Raises PluginError for what are none."""
        with Source("detector", self.detector, meters.tick) as source:
            alarms = self.detector.inspect(meters)
        return checked_alarms(source, alarms, meters)


class GridController(Agent):  # type: ignore[misc]  # mesa is untyped
    """Decides tap moves before delivery through a controller."""

    def __init__(self, model: Model, controller: Controller) -> None:
        super().__init__(model)
        self.controller = controller

    def __repr__(self) -> str:
        return f"GridController({type(self.controller).__name__})"

    def decide(self, view: ControlView) -> Decision:
        """What the controller wants; the model makes its moves before delivery.

        Raises PluginError for what is no decision.
        """
        with Source("controller", self.controller, view.tick) as source:
            decision = self.controller.decide(view)
        return checked_decision(source, decision, view)


def own_moves(
    regulators: Iterable[str],
    before: Sequence[int],
    solved: Iterable[Sequence[int]],
    ordered: Sequence[TapMove],
) -> tuple[TapMove, ...]:
    """Moves that the feeder's own controls made, in order.

    before, solved: taps before an interval and after each of its power flows, in the order of
    regulators. ordered: moves of others, whose regulators are left out.
    """
    names, others = tuple(regulators), {move.regulator for move in ordered}
    moves = list[TapMove]()
    for taps in solved:
        moves += [
            TapMove(name, tap, OWN_CONTROL)
            for name, tap, old in zip(names, taps, before, strict=True)
            if tap != old and name not in others
        ]
        before = taps
    return tuple(moves)
