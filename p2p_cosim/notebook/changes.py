"""Fields of a scenario that may change while its simulation runs, and how they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from p2p_cosim.compose.control import controller_of
from p2p_cosim.compose.plugins import Plugins
from p2p_cosim.compose.traders import strategy_of
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import OutsideInput
from p2p_cosim.scenario import Scenario
from p2p_cosim.simulation import Simulation

CONTROLLERS = ["hold", "reactive", "look_ahead"]
STRATEGIES = ["zic", "truthful", "opt_out", "self_consumption"]
CHANGEABLE: Mapping[str, Mapping[str, object]] = {
    "control.controller": {"options": CONTROLLERS},
    "market.strategy": {"options": STRATEGIES},
    "control.margin_pu": {"min": 0.0, "max": 0.02, "step": 0.001},
}
"""By field, the values that a page offers for it."""


@dataclass(frozen=True, slots=True)
class Change:
    """Fields that got other values before a tick: the scenario from then on, and what changed."""

    tick: int
    scenario: Scenario
    fields: Mapping[str, object]


def change_of(sim: Simulation, now: Scenario, fields: Mapping[str, object]) -> Change:
    """What a change of fields, named as in `Scenario.replace`, comes to before the next tick.

    now: the scenario as earlier changes have left it. Raises ScenarioError for values that do not
    fit, and InputError for fields that stay as they are while a simulation runs.
    """
    changed = now.replace(dict(fields))
    before, after = (_leaves(each.resolved()) for each in (now, changed))
    differ = {path: value for path, value in after.items() if before.get(path) != value}
    if fixed := [path for path in differ if path not in CHANGEABLE]:
        raise InputError(
            f"{', '.join(fixed)}: may not change while a simulation runs; {', '.join(CHANGEABLE)} "
            "may. For others run another scenario"
        )
    for path, values in (("control.controller", CONTROLLERS), ("market.strategy", STRATEGIES)):
        for each in (before[path], after[path]):
            if path in differ and each not in values:
                raise InputError(
                    f"{path}: from {before[path]} to {after[path]} it may not change while a "
                    f"simulation runs: only among {', '.join(values)}"
                )
    return Change(sim.tick, changed, differ)


def apply(sim: Simulation, change: Change) -> None:
    """Make a change in a simulation that stands before its tick. The run is noted as touched from
    outside. A new controller begins without what the old one remembers."""
    if any(path.startswith("control.") for path in change.fields):
        sim.model.grid_controller.controller = controller_of(change.scenario, Plugins())
    if "market.strategy" in change.fields:
        for household in sim.model.households:
            household.strategy = strategy_of(change.scenario, household.name)
    for path, value in change.fields.items():
        sim.took(OutsideInput(change.tick, "field", {"field": path, "value": value}))


def _leaves(data: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in data.items():
        inner = isinstance(value, Mapping)
        found |= _leaves(value, f"{prefix}{name}.") if inner else {f"{prefix}{name}": value}  # type: ignore[arg-type]
    return found
