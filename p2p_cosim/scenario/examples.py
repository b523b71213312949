"""The example scenarios that come with the package: found by name, listed, copied."""

from __future__ import annotations

import shutil
from pathlib import Path

from p2p_cosim.core.errors import InputError

_HERE = Path(__file__).parent
# In a wheel they stand beside this module; in a checkout they are the folder scenarios/.
_FOLDERS = (_HERE / "examples", _HERE.parents[1] / "scenarios")


def examples() -> dict[str, Path]:
    """File of every example by its name, in alphabetical order."""
    folder = _folder()
    return {file.stem: file for file in sorted(folder.glob("*.yaml"))} if folder else {}


def copy_examples(to: Path) -> list[Path]:
    """Copy every example, with the data that it names, into a folder; what was written.

    Raises InputError before anything is written if one of the files is there already, and if the
    folder cannot be written.
    """
    folder = _folder()
    sources = [file for file in sorted(folder.rglob("*")) if _is_example(file)] if folder else []
    targets = {source: to / source.relative_to(folder or to) for source in sources}
    there = [str(target) for target in targets.values() if target.exists()]
    if there:
        raise InputError(f"{', '.join(there)} would be overwritten: name another folder")
    try:
        for source, target in targets.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    except OSError as error:
        raise InputError(f"cannot copy to {to}: {error.strerror}; name another folder") from None
    return list(targets.values())


def _folder() -> Path | None:
    return next((folder for folder in _FOLDERS if folder.is_dir()), None)


def _is_example(file: Path) -> bool:
    return file.suffix in (".yaml", ".csv", ".py")
