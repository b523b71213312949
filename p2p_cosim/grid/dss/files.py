"""Which files a DSS master file is read from: itself, redirects, and coordinates."""

from __future__ import annotations

from pathlib import Path

from p2p_cosim.core.errors import GridError
from p2p_cosim.grid.dss.allowed import sift
from p2p_cosim.grid.dss.script import Script
from p2p_cosim.grid.dss.statements import inside, read_statements
from p2p_cosim.grid.dss.words import words

_known: dict[tuple[Path, Path], tuple[tuple[Path, bytes], ...]] = {}


def files_of(master: Path, folder: Path) -> tuple[Path, ...]:
    """Every file that `read_circuit` reads, in order of first reading.

    As long as none of them has changed, they are not parsed again.
    Raises GridError as `read_circuit` does, but for what only the engine finds.
    """
    key = (master.resolve(), folder.resolve())
    if not _unchanged(_known.get(key, ())):
        _known[key] = tuple((file, file.read_bytes()) for file in _parsed(*key))
    return tuple(file for file, _ in _known[key])


def _unchanged(known: tuple[tuple[Path, bytes], ...]) -> bool:
    return bool(known) and all(
        file.is_file() and file.read_bytes() == content for file, content in known
    )


def _parsed(master: Path, folder: Path) -> list[Path]:
    seen: dict[Path, None] = {}
    script = sift(read_statements(master, folder, seen))
    seen |= dict.fromkeys(coordinate_files(script, folder))
    return list(seen)


def coordinate_files(script: Script, folder: Path) -> list[Path]:
    """Files with bus coordinates. They are decoration: one that is not there is passed over.

    Raises GridError for one outside the folder.
    """
    files = []
    for statement in script.coordinates:
        named = words(statement.rest)
        name = next((word.value for word in named if word.name in ("", "file")), "")
        try:
            files.append(inside(folder.resolve(), statement.folder, name, statement.where))
        except GridError as error:
            if "leads out" in str(error):
                raise
            script.skipped[f"coordinates {name!r}: no such file, the map is drawn as a tree"] += 1
    return files
