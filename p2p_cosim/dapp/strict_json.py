"""JSON from people one does not know."""

from __future__ import annotations

import json
import re

MOST_DEPTH = 64
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ALL_BUT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def parse(body: bytes) -> object:
    """The content. Raises ValueError for what is no JSON, and for nesting beyond `MOST_DEPTH`.

    Python's parser recurses in C, as deep as the limit of recursion lets it: that limit is far
    above what its stack bears where an EVM has raised it.
    """
    depth = 0
    for bracket in _STRINGS.sub(b"", body).translate(None, _ALL_BUT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > MOST_DEPTH:
            raise ValueError(f"nested deeper than {MOST_DEPTH}")
    return json.loads(body, parse_constant=_no_number)


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
