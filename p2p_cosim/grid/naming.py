"""Checks of names that users write."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from p2p_cosim.core.errors import GridError


def require(kind: str, name: str, known: Iterable[str]) -> None:
    """Raise GridError, with the nearest known name, unless `name` is known."""
    names = list(known)
    if name in names:
        return
    nearest = get_close_matches(name, names, n=1, cutoff=0.0)
    remedy = f"did you mean {nearest[0]!r}?" if nearest else f"there is no {kind} at all"
    raise GridError(f"{kind} {name!r} is unknown: {remedy}")
