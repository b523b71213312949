"""Folders of runs: written so that a reader never sees half of one, and found."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from p2p_cosim.core.errors import StorageError

MANIFEST_FILE = "manifest.json"
_MOST_SHOWN = 5
_ATTEMPTS = 20  # each failure means that another writer finished the same run meanwhile
_PROBE_BYTES = 1_000_000  # about a day of 30 houses
_COUNTER = itertools.count()


def hidden_sibling(target: Path, suffix: str) -> Path:
    """A hidden name beside `target` that no other process and no other thread uses."""
    return target.with_name(f".{target.name}.{os.getpid()}-{next(_COUNTER)}.{suffix}")


def replace_folder(new: Path, target: Path) -> None:
    """Put folder `new` in the place of `target`, which may exist.

    No portable call exchanges two folders, so an older `target` first steps aside under a
    hidden name. A crash between the two renames leaves it there, where `existing_folder`
    finds it: at every moment there is one complete folder or the other.
    """
    aside = hidden_sibling(target, "old")
    for _ in range(_ATTEMPTS):
        shutil.rmtree(aside, ignore_errors=True)
        with suppress(FileNotFoundError):  # another writer moved it aside first
            os.replace(target, aside)
        try:
            os.replace(new, target)
        except OSError as error:
            occupied = error.errno in (errno.ENOTEMPTY, errno.EEXIST)
            if not occupied and not target.exists():
                raise
        else:
            shutil.rmtree(aside, ignore_errors=True)
            return
    raise OSError(
        f"{target} came back {_ATTEMPTS} times while it was being replaced: "
        "let one process at a time write this run"
    )


def existing_folder(target: Path) -> Path:
    """`target`, or the older copy that stepped aside if a crash left no `target`."""
    if not target.exists():
        for aside in sorted(target.parent.glob(f".{target.name}.*.old")):
            return aside
    return target


def run_folders(folder: str | Path) -> list[Path]:
    """Folders of runs one or two levels below a folder, those written last first."""
    found = {
        manifest.parent: manifest.stat().st_mtime_ns
        for pattern in (f"[!.]*/{MANIFEST_FILE}", f"[!.]*/[!.]*/{MANIFEST_FILE}")
        for manifest in Path(folder).glob(pattern)
    }
    return sorted(found, key=lambda path: (found[path], path.name), reverse=True)


def first_of(found: Sequence[Path]) -> str:
    """The first folders by name, and how many more there are."""
    shown = ", ".join(str(path) for path in found[:_MOST_SHOWN])
    return shown + f" and {len(found) - _MOST_SHOWN} more" * (len(found) > _MOST_SHOWN)


def check_writable(target: Path) -> None:
    """Raise StorageError unless a folder `target` could be written now. Leaves nothing behind.

    A megabyte is written beside it and removed, so that a read-only, missing or full disk
    shows before the first tick and not after the last.
    """
    lacking = [folder for folder in target.parents if not folder.exists()]
    probe = hidden_sibling(target, "probe")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            probe.write_bytes(bytes(_PROBE_BYTES))
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(target, error) from error
    finally:
        for folder in lacking:
            with suppress(OSError):  # another run has put something there
                folder.rmdir()


def cannot_write(target: Path, error: OSError) -> StorageError:
    """The error for a folder that the operating system refused."""
    reason = error.strerror or str(error)
    return StorageError(
        f"cannot write results to {target}: {reason[:1].lower()}{reason[1:]}; name another "
        "folder (out=..., --out)"
    )
