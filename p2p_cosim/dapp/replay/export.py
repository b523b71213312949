"""A finished run written as one folder of static pages."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from p2p_cosim.core.errors import InputError, ResultsError
from p2p_cosim.dapp.replay.about import about, first_taps, ledgers
from p2p_cosim.dapp.replay.parts import log_of, parts
from p2p_cosim.record import Results
from p2p_cosim.record.folder import cannot_write, hidden_sibling
from p2p_cosim.record.manifest import COMPLETE

STATIC = Path(__file__).parents[1] / "static"
PAGE, ENTRY = "replay.html", "js/replay/main.js"
_LINKED = re.compile(r'(?:href|src)="([\w/.]+\.(?:css|svg|js))"')
_IMPORTED = re.compile(r"""from ["'](\.[^"']+)["']""")


def finished(folder: Path) -> Results:
    """A run that can be replayed: complete, and as it was written.

    Raises ResultsError for a folder that is no run, was changed, or holds an unfinished run.
    """
    run = Results.load(folder, verify=True)
    if run.status != COMPLETE:
        raise ResultsError(
            f"the run in {folder} is {run.status}, of which {run.ticks} of {run.clock.ticks} "
            "intervals are there: only a complete run is replayed, so run it again"
        )
    if not run.ticks:
        raise ResultsError(f"the run in {folder} has no interval: there is nothing to replay")
    return run


def export_page(run: Results, out: Path) -> None:
    """Write the pages of a run and their data into a folder that is not there or empty.

    Raises InputError for a folder that holds something, StorageError for one that cannot be
    written, ResultsError as reading the run does.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out} is there and not empty: name another folder with --out")
    new = hidden_sibling(out.absolute(), "new")
    try:
        try:
            new.mkdir(parents=True)
            _copy_pages(new)
            _write_data(run, new / "data")
            if out.exists():
                out.rmdir()
            new.rename(out)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    except OSError as error:
        raise cannot_write(out, error) from error


def page_files() -> list[str]:
    """Files of the pages below `dapp/static`: the page, what it links to, and what that imports."""
    found = [PAGE]
    waiting = [*_LINKED.findall((STATIC / PAGE).read_text(encoding="utf-8"))]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.append(name)
        path = STATIC / name
        if path.suffix == ".js":
            imported = _IMPORTED.findall(path.read_text(encoding="utf-8"))
            waiting += [str((path.parent / n).resolve().relative_to(STATIC)) for n in imported]
    return found


def _copy_pages(folder: Path) -> None:
    for name in page_files():
        target = folder / ("index.html" if name == PAGE else name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(STATIC / name, target)


def _write_data(run: Results, folder: Path) -> None:
    (folder / "parts").mkdir(parents=True)
    (folder / "houses").mkdir()
    _write(folder / "run.json", about(run))
    _write(folder / "log.json", log_of(run))
    for number, ledger in enumerate(ledgers(run).values()):
        _write(folder / "houses" / f"{number}.json", ledger)
    for number, part in enumerate(parts(run, first_taps(run))):
        _write(folder / "parts" / f"{number}.json", part)


def _write(path: Path, content: object) -> None:
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    path.write_text(text, encoding="utf-8")
