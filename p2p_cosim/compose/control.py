"""Who controls the voltage: a controller of taps, and a rule for inverters."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from p2p_cosim.compose.plugins import Plugins, make_plugin
from p2p_cosim.compose.seeds import Purpose, rng_of
from p2p_cosim.control import (
    Hold,
    Limited,
    LookAhead,
    Reactive,
    StandardVoltWatt,
    VoltageBand,
    VoltVar,
    VoltWatt,
)
from p2p_cosim.core.protocols import Controller, InverterRule
from p2p_cosim.core.roles import controller_facts
from p2p_cosim.grid.model import FeederModel, ModelError
from p2p_cosim.grid.opendss import OpenDSSGrid
from p2p_cosim.scenario import Scenario
from p2p_cosim.seams import instance_of


def controller_of(scenario: Scenario, plugins: Plugins) -> Controller:
    """The controller of the taps, passed in or named, within the scenario's limits."""
    control = scenario.control
    if plugins.controller is None and not controller_facts(control.controller).moves_taps:
        return Hold()
    given = plugins.controller
    chosen = _chosen(scenario) if given is None else instance_of("controller", given)
    return Limited(chosen, control.max_moves_per_day, control.delay_ticks)


def grid_owns_taps(scenario: Scenario, plugins: Plugins) -> bool:
    """Whether the published regulator controls move the taps."""
    return plugins.controller is None and controller_facts(scenario.control.controller).own_control


def network_of(scenario: Scenario, grid: OpenDSSGrid) -> FeederModel:
    """What a controller computes about the feeder with."""
    deviation = scenario.control.model_error
    if not deviation:
        return FeederModel(grid)
    rng = rng_of(scenario.seed, Purpose.FEEDER_MODEL)
    return FeederModel(grid, ModelError.drawn(grid, deviation, rng))


def inverters_of(scenario: Scenario, plugins: Plugins) -> InverterRule | None:
    """How PV inverters answer their voltage; None if they do not."""
    control = scenario.control
    make = INVERTERS.get(control.inverters or control.controller)
    if control.inverters and make:
        return make(scenario)
    return None if make is None or plugins.controller is not None else make(scenario)


def _chosen(scenario: Scenario) -> Controller:
    if make := TAPS.get(scenario.control.controller):
        return make(scenario)
    controller: Controller = make_plugin("controller", scenario.control.controller)
    return controller


def _look_ahead(scenario: Scenario) -> Controller:
    control = scenario.control
    return LookAhead(
        _band(scenario),
        control.policy,
        forecast=control.forecast,
        horizon_ticks=control.horizon_ticks,
        error_margin=control.error_margin,
    )


def _band(scenario: Scenario) -> VoltageBand:
    control = scenario.control
    return VoltageBand(
        v_min_pu=control.v_min_pu,
        v_max_pu=control.v_max_pu,
        margin_pu=control.margin_pu,
        min_tap=control.min_tap,
        max_tap=control.max_tap,
    )


TAPS: Mapping[str, Callable[[Scenario], Controller]] = {
    "reactive": lambda scenario: Reactive(
        _band(scenario), trigger_margin_pu=scenario.control.trigger_margin_pu
    ),
    "look_ahead": _look_ahead,
}
INVERTERS: Mapping[str, Callable[[Scenario], InverterRule]] = {
    "volt_var": lambda _: VoltVar(),
    "curtail": lambda scenario: VoltWatt(_band(scenario)),
    "volt_watt": lambda _: StandardVoltWatt(),
}
"""How the controllers of `p2p_cosim.core.roles` are made that do something."""
