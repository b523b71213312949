"""The pages of docs/, as they ship with the package."""

from __future__ import annotations

from pathlib import Path

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.naming import did_you_mean

_HERE = Path(__file__).parent
# In a wheel they stand beside this module; in a checkout in the root.
_FOLDERS = (_HERE / "docs", _HERE.parents[1] / "docs")


def pages() -> dict[str, Path]:
    """Files by the name of their page, as it is written in messages without `docs/` and `.md`.

    Raises InputError for a copy that lacks them.
    """
    for folder in _FOLDERS:
        if folder.is_dir():
            files = sorted(folder.rglob("*.md"))
            return {file.relative_to(folder).with_suffix("").as_posix(): file for file in files}
    raise InputError("docs/ is not there: install the package as a wheel or from a clone")


def title(file: Path) -> str:
    """The first heading of a page."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return next((line.lstrip("# ") for line in lines if line.startswith("# ")), "")


def text(name: str) -> str:
    """A page as Markdown. name: `control`, or as messages name it, `docs/control.md`.

    Raises InputError, with the nearest name, if there is none.
    """
    known = pages()
    wanted = name.removeprefix("docs/").removesuffix(".md")
    if wanted not in known:
        raise InputError(
            f"there is no page {name!r}{did_you_mean(wanted, known)}; p2p-cosim docs lists them"
        )
    return known[wanted].read_text(encoding="utf-8")
