"""The seams of the network operator: meters, detectors, controllers, inverters, feeder models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from p2p_cosim.core.types import (
    Alarm,
    ControlView,
    Decision,
    Fault,
    FloatArray,
    GridState,
    MeterView,
    Reading,
    Sensitivities,
    Step,
)


class Metering(Protocol):
    """The meters of houses, of published loads that trade, and of the feeder's head.

    A meter measures once a step. Its register counts what it measured, and its channel brings
    that to the operator, perhaps late, perhaps not at all.
    """

    def measure(self, step: Step, state: GridState) -> None:
        """A step has been solved; steps come in order. One of 0 seconds counts nothing."""
        ...

    def arrived(self, tick: int) -> MeterView:
        """The newest that the channel has brought by the end of a tick."""
        ...

    def readings(self) -> Sequence[Reading]:
        """What every register has counted since it was last read, in whole Wh."""
        ...

    def apply(self, fault: Fault) -> None:
        """Break a meter."""
        ...

    def clear(self, fault: Fault) -> None:
        """Put a good one in its place."""
        ...


class Detector(Protocol):
    """Turns meter readings into alarms."""

    name: str

    def inspect(self, meters: MeterView) -> Sequence[Alarm]:
        """Alarms raised at the end of this tick; one alarm an event, not one a tick."""
        ...


class Controller(Protocol):
    """Decides tap moves before delivery."""

    name: str

    def decide(self, view: ControlView) -> Decision:
        """Moves to make before delivery of `view.tick`; `Decision()` to leave the taps."""
        ...


class InverterRule(Protocol):
    """How PV inverters answer the voltage at their own terminals, within an interval."""

    name: str

    def respond(
        self, v_pu: FloatArray, available_kw: FloatArray, rating_kva: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """PV output in kW and reactive power drawn in kvar (positive absorbs).

        All arrays have shape (houses,). Where there is no PV, both are 0.
        """
        ...


class GridModel(Protocol):
    """What an operator may compute about the feeder. Nothing here changes the feeder.

    Spot loads, switches and whatever is broken are as at the newest solve.
    """

    def sensitivities(self) -> Sensitivities:
        """By finite differences round the newest solve; refreshed when taps or topology
        have changed since they were last asked for."""
        ...

    def trial(
        self, house_p_kw: FloatArray, house_q_kvar: FloatArray, taps: Mapping[str, int]
    ) -> FloatArray:
        """House voltages in pu, if houses drew this and the taps stood so. Shape (houses,).

        Raises DivergenceError, and GridError where the grid's own controls own the taps.
        """
        ...
