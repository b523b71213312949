"""Whether what a scenario names can be built and solved: the feeder, its houses, what breaks."""

from __future__ import annotations

from collections.abc import Iterator

from p2p_cosim import conservation
from p2p_cosim.compose.control import grid_owns_taps
from p2p_cosim.compose.faults import schedule_of, strangeness_of
from p2p_cosim.compose.grid import grid_of
from p2p_cosim.compose.plugins import Plugins
from p2p_cosim.compose.protection import protection_of
from p2p_cosim.core.errors import DivergenceError
from p2p_cosim.core.types import Injections
from p2p_cosim.scenario import Profiles, Scenario


def check_feeder(scenario: Scenario, profiles: Profiles) -> Iterator[str]:
    """Build the feeder and solve its hardest ticks; then what of it was skipped.

    Solved are the tick in which all houses together draw most and the one in which they give
    most, with the loads and PV of the profiles; flexible devices stand still.

    Raises GridError, ScenarioError, DivergenceError or ConservationError for what would stop
    the run.
    """
    grid = grid_of(scenario, regcontrol=grid_owns_taps(scenario, Plugins()))
    schedule_of(scenario, grid)
    protection_of(scenario, grid)
    profiles = profiles.solved
    net_kw = profiles.load_kw - profiles.pv_kw
    kvar = profiles.load_kw * scenario.profiles.kvar_per_kw
    parts = scenario.clock.parts
    drawn_kw = net_kw.sum(axis=1)
    for tick in sorted({int(drawn_kw.argmax()), int(drawn_kw.argmin())}):
        head = None if profiles.source_v_pu is None else float(profiles.source_v_pu[tick])
        scale = float(profiles.spot_scale[tick])
        grid.dispatch(Injections(net_kw[tick], kvar[tick], scale, head))
        try:
            state = grid.solve()
        except DivergenceError as error:
            raise error.at_tick(tick // parts) from error
        conservation.check_power(state, tick // parts)
    if note := strangeness_of(scenario, grid):
        yield note
    for note in grid.circuit.skipped:
        yield f"skipped {note}"
