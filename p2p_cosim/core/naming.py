"""Names that users write: whether they are known, and what they may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from p2p_cosim.core.errors import GridError


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """`"; did you mean 'x'?"` for the nearest known name, or nothing if none is near."""
    near = get_close_matches(str(name), list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def require(kind: str, name: str, known: Iterable[str]) -> None:
    """Raise GridError, with the nearest known name, unless `name` is known."""
    names = list(known)
    if name in names:
        return
    nearest = get_close_matches(name, names, n=1, cutoff=0.0)
    remedy = f"did you mean {nearest[0]!r}?" if nearest else f"there is no {kind} at all"
    raise GridError(f"{kind} {name!r} is unknown: {remedy}")
