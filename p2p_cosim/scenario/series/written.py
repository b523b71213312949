"""The file that a scenario reads, and beside it what was done to make it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from p2p_cosim.core.errors import Problem, ScenarioError

if TYPE_CHECKING:
    from p2p_cosim.scenario.series.bring import Brought

SIDECAR = ".import.json"
"""What the name of the file beside it ends with."""


def write(brought: Brought, sources: Sequence[Path], out: Path) -> None:
    """Write the CSV file, and the conversions beside it, each whole or not at all.

    Raises ScenarioError if it cannot be written, or would take the place of what was read.
    """
    if any(out.exists() and out.samefile(source) for source in sources):
        raise ScenarioError(str(out), [Problem("", "is a file that is read: give another")])
    said = {
        "conversions": list(brought.conversions),
        "doubts": list(brought.doubts),
        "sources": {file.name: _digest(file) for file in sources},
    }
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        table = brought.frame.to_csv(
            index=False, float_format="%.6f", date_format="%Y-%m-%d %H:%M:%S", lineterminator="\n"
        )
        _replace(out, table)
        said["sha256"] = _digest(out)
        _replace(_beside(out), json.dumps(said, indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        raise ScenarioError(str(out), [Problem("", problem)]) from None


def conversions_of(file: Path) -> tuple[str, ...]:
    """What was done to make this file, for a manifest; nothing of a file that was not imported, or
    that was changed afterwards."""
    try:
        said = json.loads(_beside(file).read_text(encoding="utf-8"))
        if said["sha256"] != _digest(file):
            return ("the file was changed after its import",)
        sources = [f"from {name} ({sha})" for name, sha in sorted(said["sources"].items())]
        return (*sources, *(str(one) for one in said["conversions"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()


def _replace(file: Path, text: str) -> None:
    new = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        new.write_text(text, encoding="utf-8", newline="\n")
        os.replace(new, file)
    finally:
        new.unlink(missing_ok=True)


def _beside(file: Path) -> Path:
    return file.with_name(file.name + SIDECAR)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
