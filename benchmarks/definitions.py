"""Copies of feeders for the stock engine: files that define and do nothing more.

A file's own solve moves what stays so (inverters, storages, generators in time), and then two
readings no longer start alike; a report of what was never solved ends the engine; and files of
traces cannot be written twice. Names of files are spelled as the files are, for systems where case
matters.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

MAX_BYTES = 50_000_000
_DOING = re.compile(
    rb"^[ \t]*(_?solve\w*|sample|show|export|plot|visualize|dump|di_plot|save|uuids|buscoords"
    rb"|set[ \t]+mode[ \t]*=[ \t]*h\w+)\b.*$",
    re.IGNORECASE | re.MULTILINE,
)
_FILE = re.compile(
    rb"^([ \t]*(?:redirect|compile)[ \t]+[\"'(\[]?)([^\s\"')\]!]+)", re.IGNORECASE | re.MULTILINE
)
_TRACES = re.compile(rb"debugtrace[ \t]*=[ \t]*\w+", re.IGNORECASE)
_SCRIPTS = (".dss", ".txt")


def definitions(folder: Path, to: Path) -> Path:
    """A copy of a folder whose scripts only define; what is no script is linked to."""

    def copy(source: str, target: str) -> str:
        script = Path(source)
        if script.suffix.lower() in _SCRIPTS and script.stat().st_size <= MAX_BYTES:
            content = _TRACES.sub(b"", _DOING.sub(b"", script.read_bytes()))
            content = _FILE.sub(lambda named: _as_spelled(named, script.parent), content)
            Path(target).write_bytes(content)
        else:
            Path(target).symlink_to(source)
        return target

    return Path(shutil.copytree(folder, to, copy_function=copy))


def _as_spelled(named: re.Match[bytes], folder: Path) -> bytes:
    path = Path()
    for part in named.group(2).decode("latin-1").replace("\\", "/").split("/"):
        there = folder / path
        names = [entry.name for entry in there.iterdir()] if there.is_dir() else []
        same = (name for name in names if name.lower() == part.lower())
        path /= part if part in names else next(same, part)
    return named.group(1) + str(path).encode("latin-1")
