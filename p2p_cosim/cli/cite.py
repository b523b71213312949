"""`cite`: the citation of the software, from CITATION.cff (cff-version 1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from p2p_cosim.core.errors import InputError

CFF = "CITATION.cff"
_HERE = Path(__file__).parent
# In a wheel it stands beside this module; in a checkout in the root.
_FILES = (_HERE / CFF, _HERE.parents[1] / CFF)
_SPECIAL = {**{each: f"\\{each}" for each in "&%$#_{}"}, "\\": r"\textbackslash{}"}


def citation() -> dict[str, Any]:
    """CITATION.cff as it stands. InputError if it is not there, in a copy that lacks it."""
    for file in _FILES:
        if file.is_file():
            told: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
            return told
    raise InputError(f"{CFF} is not there: install the package as a wheel or from a clone")


def bibtex(cff: Mapping[str, Any]) -> str:
    """An entry for BibTeX or BibLaTeX."""
    fields = {
        "title": "{" + _escaped(str(cff["title"])) + "}",
        "author": " and ".join(_author(each, bibtex=True) for each in cff["authors"]),
        "version": cff.get("version"),
        "date": cff.get("date-released"),
        "year": str(cff["date-released"])[:4] if "date-released" in cff else None,
        "doi": cff.get("doi"),
        "url": cff.get("url") or cff.get("repository-code"),
        "note": f"Licence: {cff['license']}" if "license" in cff else None,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value is not None]
    return "\n".join(["@software{p2p_cosim,", *lines, "}"])


def text(cff: Mapping[str, Any]) -> str:
    """A line for a list of references."""
    authors = ", ".join(_author(each) for each in cff["authors"])
    year = f" ({str(cff['date-released'])[:4]})" if "date-released" in cff else ""
    where = f"https://doi.org/{cff['doi']}" if "doi" in cff else cff.get("url", "")
    parts = [f"{authors}{year}", f"{cff['title']} (version {cff['version']}) [software]", where]
    return " ".join(f"{part}." if part != where else part for part in parts if part)


def _author(author: Mapping[str, str], *, bibtex: bool = False) -> str:
    """A person by family name, or an entity, which BibTeX must not take apart."""
    if "name" in author:
        name = author["name"]
        return "{" + _escaped(name) + "}" if bibtex else name
    given = author.get("given-names")
    name = author["family-names"] + (f", {given}" if given else "")
    return _escaped(name) if bibtex else name


def _escaped(words: str) -> str:
    return "".join(_SPECIAL.get(each, each) for each in words)
