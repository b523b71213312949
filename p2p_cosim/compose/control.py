"""Who controls the voltage: a controller of taps, and a rule for inverters."""

from __future__ import annotations

from p2p_cosim.compose.plugins import Plugins, make_plugin
from p2p_cosim.control import Hold, Limited, LookAhead, Reactive, VoltageBand, VoltVar, VoltWatt
from p2p_cosim.core.protocols import Controller, InverterRule
from p2p_cosim.scenario import Scenario


def controller_of(scenario: Scenario, plugins: Plugins) -> Controller:
    """The controller of the taps, with the scenario's limits unless it was passed in."""
    if plugins.controller is not None:
        return plugins.controller
    control = scenario.control
    if control.controller in ("hold", "regcontrol", "volt_var", "curtail"):
        return Hold()
    return Limited(_chosen(scenario), control.max_moves_per_day, control.delay_ticks)


def grid_owns_taps(scenario: Scenario, plugins: Plugins) -> bool:
    """Whether the published regulator controls move the taps."""
    return plugins.controller is None and scenario.control.controller == "regcontrol"


def inverters_of(scenario: Scenario, plugins: Plugins) -> InverterRule | None:
    """How PV inverters answer their voltage; None if they do not."""
    if plugins.controller is not None:
        return None
    if scenario.control.controller == "volt_var":
        return VoltVar()
    if scenario.control.controller == "curtail":
        return VoltWatt(_band(scenario))
    return None


def _chosen(scenario: Scenario) -> Controller:
    control = scenario.control
    if control.controller == "reactive":
        return Reactive(_band(scenario))
    if control.controller == "look_ahead":
        return LookAhead(
            _band(scenario),
            control.policy,
            horizon_ticks=control.horizon_ticks,
            error_margin=control.error_margin,
        )
    controller: Controller = make_plugin("controller", control.controller)
    return controller


def _band(scenario: Scenario) -> VoltageBand:
    control = scenario.control
    return VoltageBand(
        v_min_pu=control.v_min_pu,
        v_max_pu=control.v_max_pu,
        margin_pu=control.margin_pu,
        min_tap=control.min_tap,
        max_tap=control.max_tap,
    )
