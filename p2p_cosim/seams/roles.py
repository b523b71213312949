"""Whether an object can play a role at all, asked before anything is built."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from difflib import get_close_matches
from inspect import getattr_static
from types import FunctionType
from typing import Any

from p2p_cosim.core.errors import InputError
from p2p_cosim.seams.report import class_name

METHODS: Mapping[str, tuple[str, str]] = {
    "strategy": ("quote", "quote(self, view, rng)"),
    "controller": ("decide", "decide(self, view)"),
    "detector": ("inspect", "inspect(self, meters)"),
    "forecaster": ("expect", "expect(self, view)"),
    "device": ("draw", "draw(self, step, v_pu, told=None)"),
}
"""The one method of each role, and how it is called."""

_NAMED = ("controller", "detector", "device")  # tables hold the names of these


def require_role(role: str, plugin: object) -> None:
    """Raise InputError unless this object, or class, has what its role needs.

    role: a key of `METHODS`.
    """
    method, call = METHODS[role]
    if isinstance(plugin, str):
        raise InputError(
            f"{role}={plugin!r} is text, expected an object with {call}: name it in the scenario "
            f"instead, scenario.replace({role}={plugin!r})"
        )
    name = class_name(plugin)
    if not callable(getattr(plugin, method, None)):
        names = [known for known in dir(plugin) if not known.startswith("_")]
        near = get_close_matches(method, names, n=1, cutoff=0.5)
        instead = f"; did you mean its {near[0]!r}?" if near else ""
        raise InputError(f"{role} {name} has no method {call}{instead}")
    _require_arguments(role, plugin)
    text = getattr(plugin, "name", None)
    made = not isinstance(plugin, type)  # a class may give its name when it is made
    if role in _NAMED and made and not (isinstance(text, str) and text):
        raise InputError(f"{role} {name} has no name: write name = {method!r} in the class")


def instance_of(role: str, plugin: Any) -> Any:
    """The object itself, or one that its class makes.

    Raises InputError for a class that cannot be made without arguments.
    """
    if not isinstance(plugin, type):
        return plugin
    try:
        made = plugin()
    except TypeError as error:
        raise InputError(
            f"{role} {class_name(plugin)} cannot be made: {error}; pass an object, "
            f"{role}={plugin.__name__}(...)"
        ) from error
    require_role(role, made)
    return made


def _require_arguments(role: str, plugin: object) -> None:
    """Raise InputError for a method that cannot be called as it will be."""
    method, call = METHODS[role]
    own = getattr(plugin, method)
    try:
        signature = inspect.signature(own)
    except (TypeError, ValueError):  # compiled code tells nothing
        return
    given = call.partition("(")[2].rstrip(")").split(", ")[1:]
    unbound = isinstance(plugin, type) and isinstance(getattr_static(plugin, method), FunctionType)
    try:
        signature.bind(*([None] if unbound else []), *given)
    except TypeError as error:
        takes = f"{method}{signature}"
        raise InputError(
            f"{role} {class_name(plugin)} has {takes}, expected {call}: {error}"
        ) from error
