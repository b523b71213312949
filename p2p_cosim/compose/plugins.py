"""Objects of the user's own: made by name, and told apart in the run id."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.protocols import Controller, Detector, Strategy


@dataclass(frozen=True, slots=True)
class Plugins:
    """Objects that take the place of what the scenario names. None keeps the scenario's."""

    strategy: Strategy | None = None
    controller: Controller | None = None
    detector: Detector | None = None


def make_plugin(role: str, name: str) -> Any:
    """An instance of `package.module:Name`, made without arguments.

    Raises InputError if it cannot be imported or made.
    """
    try:
        return _class_of(name)()
    except (ImportError, AttributeError, TypeError) as error:
        raise InputError(
            f"{role} {name!r} cannot be made: {error}; give package.module:Name of a class "
            "that takes no arguments and is importable from here"
        ) from error


def identity(plugins: Plugins, names: Iterable[str]) -> str:
    """Text that differs between runs with different plugins; empty without any.

    names: what the scenario names; those with a colon are classes of the user's own. A
    class counts with its source, an object with its attributes too.
    """
    objects = (plugins.strategy, plugins.controller, plugins.detector)
    given = [
        f"{role}={_source(type(plugin))}{_attributes(plugin)}"
        for role, plugin in zip(("strategy", "controller", "detector"), objects, strict=True)
        if plugin is not None
    ]
    named = [f"{name}={_source(_class_of(name))}" for name in sorted(set(names)) if ":" in name]
    return "\n".join(given + named)


def _class_of(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _source(cls: Any) -> str:
    try:
        source = inspect.getsource(inspect.getmodule(cls) or cls)
    except (OSError, TypeError):  # made in an interactive session
        source = ""
    name = f"{cls.__module__}.{cls.__qualname__}"
    return f"{name}:{hashlib.sha256(source.encode()).hexdigest()}"


def _attributes(plugin: object) -> str:
    slots = [name for cls in type(plugin).__mro__ for name in getattr(cls, "__slots__", ())]
    names = {*getattr(plugin, "__dict__", {}), *slots}
    text = repr([(name, getattr(plugin, name, None)) for name in sorted(names)])
    return re.sub(r" at 0x[0-9a-f]+", "", text)  # addresses differ from process to process
