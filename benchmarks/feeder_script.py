"""A feeder's files as one list of statements, for those that edit it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

Rng = np.random.Generator


class Script:
    """A master with its redirects, flat: one statement a line, comments and continuations gone."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    @classmethod
    def of(cls, master: Path) -> Script:
        """Read it as the program does."""
        from p2p_cosim.grid.dss.statements import read_statements

        root = master.parents[1]
        lines: list[str] = []
        for statement in read_statements(master, root):
            if statement.verb == "more":
                lines[-1] += f" {statement.rest}"
            elif statement.verb not in _DROPPED:
                lines.append(statement.text)
        return cls(lines)

    def at(self, *kinds: str) -> list[int]:
        """Positions of statements that make an element of these classes."""
        pattern = re.compile(rf"new\s+(object=)?[\"']?({'|'.join(kinds)})\.", re.IGNORECASE)
        return [i for i, line in enumerate(self.lines) if pattern.match(line)]

    def end(self) -> int:
        """Before the first statement that comes after the elements."""
        after = (i for i, line in enumerate(self.lines) if re.match(r"set\s+volt", line, re.I))
        return next(after, len(self.lines))


_DROPPED = ("buscoords", "show", "plot", "export", "closedi", "solve", "calcvoltagebases")


def pick(rng: Rng, places: list[int]) -> int | None:
    """One of these places; None if there is none."""
    return int(rng.choice(places)) if places else None


def name_of(line: str) -> str:
    """`class.name` of a statement that makes an element."""
    match = re.match(r"new\s+(?:object=)?[\"']?([^\s\"']+)", line, re.IGNORECASE)
    assert match is not None
    return match.group(1)
