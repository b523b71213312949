"""Writing files and folders so that a reader never sees half of one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_ATTEMPTS = 20  # each failure means that another process finished the same run meanwhile


def replace_folder(new: Path, target: Path) -> None:
    """Put folder `new` in the place of `target`, which may exist.

    No portable call exchanges two folders, so an older `target` first steps aside under a
    hidden name. A crash between the two renames leaves it there, where `existing_folder`
    finds it: at every moment there is one complete folder or the other.
    """
    aside = target.with_name(f".{target.name}.{os.getpid()}.old")
    for _ in range(_ATTEMPTS):
        shutil.rmtree(aside, ignore_errors=True)
        if target.exists():
            os.replace(target, aside)
        try:
            os.replace(new, target)
        except OSError:
            if not target.exists():
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
