"""A DSS script as statements: comments off, continuations joined, other files read in.

Files are read here and never by the engine, so that none outside the given folder can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from p2p_cosim.core.errors import GridError

MAX_BYTES = 20_000_000
MAX_DEPTH = 8
_INCLUDE = ("redirect", "compile")


@dataclass(frozen=True, slots=True)
class Statement:
    """One command, and where it stands (`master.dss:12`)."""

    text: str
    where: str

    @property
    def verb(self) -> str:
        """Its first word in lower case."""
        return re.split(r"[\s=]", self.text.strip(), maxsplit=1)[0].lower()

    @property
    def rest(self) -> str:
        """What follows the first word."""
        parts = self.text.strip().split(None, 1)
        return parts[1].strip() if len(parts) > 1 else ""


def read_statements(
    master: Path, folder: Path, seen: dict[Path, None] | None = None
) -> list[Statement]:
    """All statements of a master file and of the files that it redirects to, in order.

    seen: is given the files that were read, as keys in order.

    Raises GridError, with file and line, for a file that is not there, lies outside the folder,
    is no text, nests deeper than 8, or makes more than 20 MB together.
    """
    return list(_Reader(folder.resolve(), {} if seen is None else seen).read(master, "", 0))


def inside(folder: Path, base: Path, name: str, where: str) -> Path:
    """The file that a script means, which may spell it with backslashes or in another case.

    Raises GridError if it is not there or lies outside the folder.
    """
    path = base
    for part in name.strip("\"'() ").replace("\\", "/").split("/"):
        exact = path / part
        same = [] if exact.exists() or not path.is_dir() else list(path.iterdir())
        path = next((entry for entry in same if entry.name.lower() == part.lower()), exact)
    path = path.resolve()
    if not path.is_relative_to(folder):
        raise GridError(f"{where}: {name!r} leads out of the scenario's folder: copy it there")
    if not path.is_file():
        raise GridError(f"{where}: {name!r} is not a file: correct the name, or copy it there")
    return path


class _Reader:
    def __init__(self, folder: Path, seen: dict[Path, None]) -> None:
        self._folder, self._seen = folder, seen
        self._bytes = 0

    def read(self, file: Path, where: str, depth: int) -> Iterator[Statement]:
        if depth > MAX_DEPTH:
            raise GridError(f"{where}: files redirect deeper than {MAX_DEPTH}: write them flat")
        content = file.read_bytes()
        self._seen[file.resolve()] = None
        self._bytes += len(content)
        if self._bytes > MAX_BYTES:
            raise GridError(f"{file.name}: the feeder's files exceed {MAX_BYTES} bytes")
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("latin-1")
        for statement in _joined(text, file.name):
            if statement.verb in _INCLUDE:
                name = re.sub(r"^file\s*=\s*", "", statement.rest, flags=re.IGNORECASE)
                other = inside(self._folder, file.parent, name, statement.where)
                yield from self.read(other, statement.where, depth + 1)
            else:
                yield statement


def _joined(text: str, name: str) -> Iterator[Statement]:
    pending: Statement | None = None
    commented = False
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if commented or line.startswith("/*"):
            commented = "*/" not in line
            continue
        line = re.split(r"!|//", line, maxsplit=1)[0].strip()
        more = re.match(r"(~|more\b)\s*", line, flags=re.IGNORECASE)
        if more and pending is not None:
            pending = Statement(f"{pending.text} {line[more.end() :]}", pending.where)
        elif line:
            if pending is not None:
                yield pending
            pending = Statement(line, f"{name}:{number}")
    if pending is not None:
        yield pending
