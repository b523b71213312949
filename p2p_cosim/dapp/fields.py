"""Fields of a request's JSON, read strictly: what does not fit is a BadRequestError."""

from __future__ import annotations

from collections.abc import Mapping

from p2p_cosim.dapp.errors import BadRequestError

_MOST_DIGITS = 29
"""More than any amount here has, and few enough for every Python to read."""


def integer(content: Mapping[str, object], name: str, least: int, most: int) -> int:
    """A whole number in a range. Raises BadRequestError for anything else."""
    value = content.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadRequestError(f"{name} is a whole number from {least} to {most}")
    return value


def price(content: Mapping[str, object], name: str, bits: int) -> int:
    """A price in wei/Wh below 2^bits, as decimal digits in a string. Raises BadRequestError."""
    value = content.get(name)
    digits = isinstance(value, str) and value.isascii() and value.isdecimal()
    if not isinstance(value, str) or not digits or len(value) > _MOST_DIGITS:
        raise BadRequestError(f"{name} is a price in wei/Wh, as decimal digits in a string")
    if int(value) >= 2**bits:
        raise BadRequestError(f"{name} is below 2^{bits} wei/Wh")
    return int(value)


def seconds(content: Mapping[str, object], name: str, least: float, most: float) -> float:
    """A number in a range. Raises BadRequestError for anything else."""
    value = content.get(name)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not isinstance(value, int | float) or not number or not least <= value <= most:
        raise BadRequestError(f"{name} is a number from {least} to {most:g}")
    return float(value)


def text(content: Mapping[str, object], name: str, what: str, most: int) -> str:
    """Characters that can be written as bytes: JSON may have half a surrogate pair, which cannot.

    what: it is, in the message. Raises BadRequestError for anything else, an empty one included.
    """
    value = content.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= most or not _is_whole(value):
        raise BadRequestError(f"{name} is {what}, of at most {most} characters")
    return value


def _is_whole(written: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in written)
