"""Who prices for whom: a strategy for every trader, from what was passed in."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.protocols import Strategy


def strategy_maker(given: Any) -> Callable[[], Strategy]:
    """A function that gives every trader a strategy of its own.

    given: a class or a function without arguments, which makes one for each; or an object,
    which is copied for each, unless it says `shared = True`.

    The function raises InputError for an object that cannot be copied, and for a class or
    function that makes no strategy.
    """
    if _quotes(given) and not isinstance(given, type):
        return (lambda: given) if getattr(given, "shared", False) is True else _copier(given)
    return lambda: _made(given)


def _quotes(given: Any) -> bool:
    return callable(getattr(given, "quote", None))


def _copier(given: Any) -> Callable[[], Strategy]:
    def copied() -> Strategy:
        try:
            own: Strategy = copy.deepcopy(given)
        except Exception as error:
            raise InputError(
                f"strategy {type(given).__qualname__} cannot be copied for each trader: {error}; "
                "pass its class, or a function that makes one, or set shared = True to give all "
                "traders the same object"
            ) from error
        return own

    return copied


def _made(factory: Any) -> Strategy:
    name = getattr(factory, "__qualname__", repr(factory))
    try:
        made: Strategy = factory()
    except TypeError as error:
        raise InputError(
            f"strategy {name} cannot be made for each trader: {error}; pass a class or function "
            "that takes no arguments, or an object with quote(view, rng)"
        ) from error
    if not _quotes(made):
        raise InputError(
            f"strategy {name} made {made!r}, which has no quote: give it quote(view, rng)"
        )
    return made
