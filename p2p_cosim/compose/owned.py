"""A strategy or forecaster for every trader, from what was passed in."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from p2p_cosim.core.errors import InputError

METHODS = {"strategy": ("quote", "view, rng"), "forecaster": ("expect", "view")}
"""By role, the method that makes an object one, and what that takes."""


def maker(role: str, given: Any) -> Callable[[], Any]:
    """A function that gives every trader one of its own.

    given: a class or a function without arguments, which makes one for each; or an object,
    which is copied for each, unless it says `shared = True`.

    The function raises InputError for an object that cannot be copied, and for a class or
    function that makes none.
    """
    if _plays(role, given) and not isinstance(given, type):
        shared = getattr(given, "shared", False) is True
        return (lambda: given) if shared else (lambda: _copied(role, given))
    return lambda: _made(role, given)


def _plays(role: str, given: Any) -> bool:
    return callable(getattr(given, METHODS[role][0], None))


def _copied(role: str, given: Any) -> Any:
    try:
        return copy.deepcopy(given)
    except Exception as error:
        raise InputError(
            f"{role} {type(given).__qualname__} cannot be copied for each trader: {error}; "
            "pass its class, or a function that makes one, or set shared = True to give all "
            "traders the same object"
        ) from error


def _made(role: str, factory: Any) -> Any:
    name = getattr(factory, "__qualname__", repr(factory))
    method, takes = METHODS[role]
    try:
        made = factory()
    except TypeError as error:
        raise InputError(
            f"{role} {name} cannot be made for each trader: {error}; pass a class or function "
            f"that takes no arguments, or an object with {method}({takes})"
        ) from error
    if not _plays(role, made):
        raise InputError(
            f"{role} {name} made {made!r}, which has no {method}: give it {method}({takes})"
        )
    return made
