"""Copies of feeders for the stock engine: files that define and do nothing more.

A file's own solve moves what stays so (inverters, storages, generators in time), and then two
readings no longer start alike; a report of what was never solved ends the engine; and files of
traces cannot be written twice.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

MAX_BYTES = 50_000_000
_DOING = re.compile(
    rb"^[ \t]*(_?solve\w*|sample|show|export|plot|visualize|dump|di_plot|save|uuids)\b.*$",
    re.IGNORECASE | re.MULTILINE,
)
_TRACES = re.compile(rb"debugtrace[ \t]*=[ \t]*\w+", re.IGNORECASE)
_SCRIPTS = (".dss", ".txt")


def definitions(folder: Path, to: Path) -> Path:
    """A copy of a folder whose scripts only define; what is no script is linked to."""

    def copy(source: str, target: str) -> str:
        small = os.path.getsize(source) <= MAX_BYTES
        if Path(source).suffix.lower() in _SCRIPTS and small:
            content = _DOING.sub(b"", Path(source).read_bytes())
            Path(target).write_bytes(_TRACES.sub(b"", content))
        else:
            os.symlink(source, target)
        return target

    return Path(shutil.copytree(folder, to, copy_function=copy))
