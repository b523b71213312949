"""Runs in a folder: listed, and found by what people call them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from p2p_cosim.core.errors import ResultsError
from p2p_cosim.record.folder import MANIFEST_FILE, existing_folder, first_of, run_folders
from p2p_cosim.record.results import Results

if TYPE_CHECKING:
    import pandas as pd

RESULTS_FOLDER = "results"
LATEST = "latest"


def latest(folder: str | Path = RESULTS_FOLDER) -> Results:
    """The run written last in a folder of runs (`<folder>/<scenario>/<run id>`).

    Raises ResultsError if there is none.
    """
    found = run_folders(folder)
    if not found:
        raise ResultsError(f"no run in {folder}: give a folder that holds <scenario>/<run id>")
    return Results.load(found[0])


def runs(folder: str | Path = RESULTS_FOLDER) -> pd.DataFrame:
    """The runs in a folder, those written last first: `run_id`, `scenario`, `seed`, `status`,
    `ticks`, `trades`, `alarms`, `path`, and a column for each field in which runs of one scenario
    differ, by its dotted path. Folders that cannot be read are left out."""
    import pandas as pd

    columns = ["run_id", "scenario", "seed", "status", "ticks", "trades", "alarms", "path"]
    rows: list[tuple[object, ...]] = []
    made: list[dict[str, object]] = []
    for path in run_folders(folder):
        try:
            run = Results.load(path)
        except ResultsError:
            continue
        counts = run.manifest["rows"]
        made.append(fields_of(run))
        rows.append(
            (
                *(path.name, run.name, run.seed, run.status, run.ticks),
                *(counts["trades"], counts["alarms"], str(path)),
            )
        )
    listed = pd.DataFrame(rows, columns=columns)
    for field in _differing(made):
        listed[field] = pd.Series([fields.get(field) for fields in made], dtype=object)
    return listed


def fields_of(run: Results) -> dict[str, object]:
    """Every field of a run's scenario with its value, by dotted path."""
    return dict(leaves(run.scenario))


def leaves(data: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Values that are no mappings, each with its dotted path."""
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _differing(made: Sequence[Mapping[str, object]]) -> list[str]:
    """Fields in which two of the scenarios that share a name differ, the seed apart."""
    found: dict[str, None] = {}
    first: dict[object, Mapping[str, object]] = {}
    for fields in made:
        other = first.setdefault(fields.get("name"), fields)
        names = dict.fromkeys([*other, *fields])
        found |= dict.fromkeys(n for n in names if other.get(n) != fields.get(n) and n != "seed")
    return list(found)


def find_run(name: str | Path) -> Path:
    """The folder of a run by its path, as `latest`, or by the first characters of its id.

    `latest` and beginnings are looked up in `results`, or in the folder before them: `out/latest`,
    `results/trading_day/0123`. The folder of a scenario stands for its only run. A path that is
    there and is none of a run stays what it is.

    Raises ResultsError if there is no such run, or more than one.
    """
    path = Path(name)
    if existing_folder(path).exists():
        inside = run_folders(path)
        if (path / MANIFEST_FILE).exists() or not inside:
            return path
        return _only(str(name), inside)
    parent = Path(RESULTS_FOLDER) if len(path.parts) == 1 else path.parent
    if not parent.is_dir() and (Path(RESULTS_FOLDER) / parent).is_dir():
        parent = Path(RESULTS_FOLDER) / parent
    inside = run_folders(parent)
    if path.name == LATEST and inside:
        return inside[0]
    found = [folder for folder in inside if folder.name.startswith(path.name)]
    if not found:
        known = f"; the newest there is {inside[0]}" if inside else f"; there is none in {parent}"
        raise ResultsError(f"no run {str(name)!r}{known}")
    return _only(str(name), found)


def _only(name: str, found: Sequence[Path]) -> Path:
    if len(found) == 1:
        return found[0]
    raise ResultsError(f"{name!r} stands for {len(found)} runs: {first_of(found)}; name one")
