"""The stepper: a widget that steps a simulation and shows its newest tick. Offline."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from p2p_cosim.core.errors import CosimError
from p2p_cosim.core.types import TickRecord
from p2p_cosim.notebook.driver import Driver
from p2p_cosim.notebook.shown import state_of, world_of
from p2p_cosim.scenario import Scenario
from p2p_cosim.simulation import Simulation

_STATIC = Path(__file__).parent / "static"


class Stepper(anywidget.AnyWidget):
    """Buttons for a `Simulation` in a notebook: step, run, to the next event, reset, branch.

    scenario, seed: as of `Simulation`. Nothing is written; `stepper.sim.so_far` has every
    table and figure, and `p2p.run` makes the same run with its folder.
    plugins: called for each new simulation; gives a dict of strategy, controller or detector.

    What a button does is a method here too, so a cell can do it. Errors of a run are shown and
    not raised; `reset` begins again.
    """

    _esm = _STATIC / "stepper.js"
    _css = _STATIC / "stepper.css"
    world = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)
    answered = traitlets.Int().tag(sync=True)

    def __init__(
        self,
        scenario: Scenario,
        seed: int | None = None,
        *,
        plugins: Callable[[], dict[str, object]] = dict,
    ) -> None:
        super().__init__()
        self.driver = Driver(scenario, seed, plugins=plugins)
        self.world, self.state = world_of(self.driver.sim), state_of(self.driver)
        self.on_msg(self._told)

    @property
    def sim(self) -> Simulation:
        """The simulation behind the buttons; another one after `reset`."""
        return self.driver.sim

    def step(self, ticks: int = 1) -> None:
        """Run so many ticks, or to the end of the run, and show each."""
        self._show(self.driver.steps(ticks))

    def to_event(self) -> None:
        """Run until a fault, an alarm, a tap move, or a house that leaves the voltage band."""
        self._show(self.driver.to_event())

    def reset(self) -> None:
        """Begin the same run again."""
        self.error = ""
        self.driver.reset()
        self.state = state_of(self.driver)

    def change(self, **fields: object) -> None:
        """Give fields other values from the next tick on: `stepper.change(margin_pu=0.01)`.

        `controller`, `strategy` and `margin_pu` may change. The run is then noted as touched from
        outside. Raises InputError for others, and ScenarioError for values that do not fit.
        """
        self.driver.change(**fields)
        self.state = state_of(self.driver)

    def branch(self, **fields: object) -> None:
        """Replay the run from its seed to this tick, and go on both ways, as it is and with other
        values: `stepper.branch(controller="hold")`. `other` is the simulation of the second way.

        Raises what `change` raises, and SimulationError if the replay is another run.
        """
        self.driver.fork(**fields)
        self.state = state_of(self.driver)

    @property
    def other(self) -> Simulation | None:
        """The simulation of the branch, None if there is none."""
        return self.driver.branch.sim if self.driver.branch else None

    def _show(self, ticks: Iterable[TickRecord]) -> None:
        for _ in ticks:
            self.state = state_of(self.driver)

    def _told(self, _widget: object, message: dict[str, Any], _buffers: object) -> None:
        """A button was pressed. Whatever a page sends, the kernel goes on. An error stands until
        the next button; a run that it has ended says so again."""
        self.error = ""
        try:
            match message:
                case {"do": "step", "ticks": int(ticks)}:
                    self.step(ticks)
                case {"do": "event"}:
                    self.to_event()
                case {"do": "reset"}:
                    self.reset()
                case {"do": "change" | "branch" as what, "field": str(field), "value": value}:
                    act = self.change if what == "change" else self.branch
                    act(**{field: value})
                case _:
                    self.error = f"unknown message: {str(message)[:80]}"
        except CosimError as error:
            self.error = str(error)
        except Exception as error:  # of a plug-in: the page tells it, and the kernel lives
            self.error = f"{type(error).__name__}: {error}"
        finally:
            self.answered += 1
