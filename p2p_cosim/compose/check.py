"""Whether what a scenario names can be built: the feeder, its houses, and what breaks there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from p2p_cosim import conservation
from p2p_cosim.compose.control import grid_owns_taps
from p2p_cosim.compose.faults import schedule_of
from p2p_cosim.compose.grid import grid_of
from p2p_cosim.compose.plugins import Plugins
from p2p_cosim.core.types import Injections
from p2p_cosim.scenario import Scenario


def check_feeder(scenario: Scenario) -> Iterator[str]:
    """Build the feeder and solve it once with a kilowatt a house; then what was skipped.

    Raises GridError, ScenarioError, DivergenceError or ConservationError for what would stop
    the run.
    """
    grid = grid_of(scenario, regcontrol=grid_owns_taps(scenario, Plugins()))
    schedule_of(scenario, grid)
    houses = len(grid.houses)
    grid.dispatch(Injections(np.ones(houses), np.zeros(houses)))
    conservation.check_power(grid.solve(), tick=0)
    for note in grid.circuit.skipped:
        yield f"skipped {note}"
