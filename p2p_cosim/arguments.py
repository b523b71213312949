"""What people pass to `run` and `Simulation`, looked at before anything is built."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import isfunction
from pathlib import Path
from typing import Any

from p2p_cosim.compose import Plugins
from p2p_cosim.core.errors import InputError
from p2p_cosim.scenario import Scenario
from p2p_cosim.seams import class_name, require_role


def checked_scenario(given: Any) -> Scenario:
    """The scenario itself. Raises InputError for a file's name, a mapping, or anything else."""
    if isinstance(given, Scenario):
        return given
    if isinstance(given, (str, Path)):
        name = str(given)
        raise InputError(
            f"{name!r} is the name of a file, expected a Scenario: load it first, "
            f"p2p_cosim.load({name!r})"
        )
    if isinstance(given, Mapping):
        raise InputError(
            "a mapping is no Scenario: check it first, p2p_cosim.Scenario.model_validate(mapping)"
        )
    raise InputError(f"{class_name(given)} is no Scenario: give what p2p_cosim.load(...) returns")


def checked_plugins(plugins: Plugins) -> Plugins:
    """The plug-ins themselves. Raises InputError unless each can play its role.

    A function that makes strategies or forecasters is looked at when it has made one.
    """
    for role in ("strategy", "controller", "detector", "forecaster"):
        plugin = getattr(plugins, role)
        makes = role in ("strategy", "forecaster") and isfunction(plugin)
        if plugin is not None and not makes:
            require_role(role, plugin)
    if not isinstance(plugins.devices or {}, Mapping):
        raise InputError(
            f"devices are given by house, not in a {type(plugins.devices).__name__}: "
            "devices={'house_1': [device]}"
        )
    for devices in (plugins.devices or {}).values():
        for device in devices:
            require_role("device", device)
    return plugins


def checked_folder(given: Any) -> Path:
    """Where results go. Raises InputError for what names no folder."""
    if isinstance(given, (str, Path)):
        return Path(given)
    raise InputError(f"out={given!r} names no folder: give its path as text, out='results'")


def refuse_fields(given: Mapping[str, object]) -> None:
    """Raise TypeError if fields of the scenario, or anything else unknown, were passed."""
    if given:
        fields = ", ".join(f"{name}={value!r}" for name, value in given.items())
        raise TypeError(
            f"{fields}: no argument of a run; if it is a field of the scenario, change that "
            f"first: scenario.replace({fields})"
        )


def refuse_unswept(given: Mapping[str, object]) -> None:
    """Raise TypeError for what is neither an argument of a sweep nor a plug-in of its runs."""
    unknown = [name for name in given if name not in Plugins.__dataclass_fields__]
    if unknown:
        told = ", ".join(f"{name}={given[name]!r}" for name in unknown)
        raise TypeError(
            f"{told}: no argument of a sweep; fields are given with their values, "
            "p2p_cosim.sweep(base, {'pv_share': [0.2, 0.5]})"
        )
