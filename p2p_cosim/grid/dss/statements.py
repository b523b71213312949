"""A DSS script as statements: comments off, other files read in.

A continuation (`~`, `more`) is a statement of its own, as in the engine: the next edit of the
active element, which may end otherwise than one edit of all. After `like=` that is the one that was
copied.

Files are read here and never by the engine, so that none outside the given folder can be.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from p2p_cosim.core.errors import GridError
from p2p_cosim.grid.dss.verbs import verb_of
from p2p_cosim.grid.dss.words import unquoted, without_comment, words

MAX_BYTES = 20_000_000
MAX_DEPTH = 8
# The engine's; a Windows ellipsis read as Latin-1 is a line end of Unicode.
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Statement:
    """One command, and where it stands (`master.dss:12`).

    folder: in which the script stands at this point; names of files are relative to it.
    """

    text: str
    where: str
    folder: Path = Path()

    @property
    def verb(self) -> str:
        """Its command, written out in lower case; "" where it begins with `property=`."""
        return verb_of(self.text)

    @property
    def rest(self) -> str:
        """What follows the command."""
        if not self.verb:
            return self.text
        parts = re.split(r"[\s,]+", self.text, maxsplit=1)
        return parts[1].strip() if len(parts) > 1 else ""


def read_statements(
    master: Path, folder: Path, seen: dict[Path, None] | None = None
) -> list[Statement]:
    """All statements of a master file and of the files that it redirects to, in order.

    seen: is given the files that were read, as keys in order.

    Raises GridError, with file and line, for a file that is not there, lies outside the folder,
    is no text, nests deeper than 8, or makes more than 20 MB together.
    """
    reader = _Reader(folder.resolve(), {} if seen is None else seen)
    return list(reader.read(master, master.parent, "", 0))


def inside(folder: Path, base: Path, name: str, where: str) -> Path:
    """The file that a script means, which may spell it with backslashes or in another case.

    `..` is judged by where it leads. Raises GridError if the file is not there or lies outside
    the folder.
    """
    spelled = unquoted(name).replace("\\", "/")
    path = Path(spelled[:1]) if spelled.startswith("/") else base
    for part in spelled.strip("/").split("/"):
        exact = path / part
        same = [] if exact.exists() or not path.is_dir() else list(path.iterdir())
        path = next((entry for entry in same if entry.name.lower() == part.lower()), exact)
    path = path.resolve()
    if not path.is_relative_to(folder):
        both = Path(os.path.commonpath([folder, path]))
        remedy = "copy it there"
        if len(both.parts) > 1 and path.is_file():
            remedy += f", or put the scenario into {both.name!r}, which holds both"
        raise GridError(f"{where}: {name!r} leads out of the scenario's folder: {remedy}")
    if not path.is_file():
        raise GridError(f"{where}: {name!r} is not a file: correct the name, or copy it there")
    return path


def text_of(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 with its mark, or else Latin-1."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


class _Reader:
    def __init__(self, folder: Path, seen: dict[Path, None]) -> None:
        self._folder, self._seen = folder, seen
        self._bytes = 0

    def read(self, file: Path, base: Path, where: str, depth: int) -> Iterator[Statement]:
        """Statements of a file; `base` is the folder that it runs in.

        A file that is compiled moves the script into its folder, one that is redirected to only
        while it is read.
        """
        if depth > MAX_DEPTH:
            raise GridError(f"{where}: files redirect deeper than {MAX_DEPTH}: write them flat")
        content = file.read_bytes()
        self._seen[file.resolve()] = None
        self._bytes += len(content)
        if self._bytes > MAX_BYTES:
            raise GridError(f"{file.name}: the feeder's files exceed {MAX_BYTES} bytes")
        for statement in _statements(text_of(content), file.name, base):
            if statement.verb in ("redirect", "compile"):
                named = words(statement.rest)
                name = named[0].value if named else ""
                other = inside(self._folder, base, name, statement.where)
                if statement.verb == "compile":
                    base = other.parent
                yield from self.read(other, other.parent, statement.where, depth + 1)
            else:
                yield Statement(statement.text, statement.where, base)


def _statements(text: str, name: str, folder: Path) -> Iterator[Statement]:
    commented = False
    for number, raw in enumerate(_LINE_END.split(text), start=1):
        line = raw.strip()
        if commented or line.startswith("/*"):
            commented = "*/" not in line
            continue
        if line := without_comment(line):
            yield Statement(line, f"{name}:{number}", folder)
