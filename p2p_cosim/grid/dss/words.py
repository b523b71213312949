"""A DSS statement as words, the way the engine's own parser cuts it.

Words stand between blanks and commas; what quotes or brackets hold is one word; `name=value` is
a value with a name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_CLOSING = {'"': '"', "'": "'", "(": ")", "[": "]", "{": "}"}
_BETWEEN = " \t,"


@dataclass(frozen=True, slots=True)
class Word:
    """A value, with its name in lower case or "", and the text it was written as."""

    name: str
    value: str
    text: str


def words(text: str) -> list[Word]:
    """The words of a statement or of a part of one, in order."""
    return list(_named(list(_pieces(text))))


def unquoted(value: str) -> str:
    """A value without the quotes or brackets round it."""
    value = value.strip()
    if len(value) > 1 and _CLOSING.get(value[0]) == value[-1]:
        return value[1:-1].strip()
    return value


def without_comment(line: str) -> str:
    """A line up to `!` or `//`, unless they stand in quotes."""
    closing = ""
    for at, sign in enumerate(line):
        if closing:
            closing = "" if sign == closing else closing
        elif sign in "\"'":
            closing = sign
        elif sign == "!" or line.startswith("//", at):
            return line[:at].strip()
    return line.strip()


def _named(pieces: list[str]) -> Iterator[Word]:
    at = 0
    while at < len(pieces):
        if pieces[at + 1 : at + 2] == ["="]:
            value = pieces[at + 2] if at + 2 < len(pieces) else ""
            yield Word(unquoted(pieces[at]).lower(), unquoted(value), f"{pieces[at]}={value}")
            at += 3
        else:
            if pieces[at] != "=":
                yield Word("", unquoted(pieces[at]), pieces[at])
            at += 1


def _pieces(text: str) -> Iterator[str]:
    """Words and equal signs; brackets of one kind nest."""
    at = 0
    while at < len(text):
        sign = text[at]
        if sign in _BETWEEN:
            at += 1
        elif sign == "=":
            yield sign
            at += 1
        else:
            end = _end_of_group(text, at) if sign in _CLOSING else _end_of_plain(text, at)
            yield text[at:end]
            at = end


def _end_of_group(text: str, start: int) -> int:
    opening, closing = text[start], _CLOSING[text[start]]
    depth = 0
    for at in range(start, len(text)):
        if text[at] == closing and at > start:
            depth -= 1
            if depth <= 0:
                return at + 1
        elif text[at] == opening:
            depth += 1
    return len(text)


def _end_of_plain(text: str, start: int) -> int:
    at = start
    while at < len(text) and text[at] not in f"{_BETWEEN}=":
        at += 1
    return at
