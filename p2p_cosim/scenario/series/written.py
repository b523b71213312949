"""The file that a scenario reads, and beside it what was done to make it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from p2p_cosim.core.errors import Problem, ScenarioError

if TYPE_CHECKING:
    from p2p_cosim.scenario.series.bring import Brought

SIDECAR = ".import.json"
"""What the name of the file beside it ends with."""


def write(brought: Brought, sources: Sequence[Path], out: Path) -> None:
    """Write the CSV file, and the conversions beside it. ScenarioError if it cannot be written."""
    said = {
        "conversions": list(brought.conversions),
        "doubts": list(brought.doubts),
        "sources": {file.name: _digest(file) for file in sources},
    }
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        brought.frame.to_csv(out, index=False, float_format="%.6f", date_format="%Y-%m-%d %H:%M:%S")
        said["sha256"] = _digest(out)
        text = json.dumps(said, indent=2, ensure_ascii=False) + "\n"
        _beside(out).write_text(text, encoding="utf-8")
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


def _beside(file: Path) -> Path:
    return file.with_name(file.name + SIDECAR)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
