"""The field reference of docs/scenario.md, written by walking the schema.

    python -m p2p_cosim.scenario.reference docs/scenario.md

rewrites what stands between the two markers of that file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from p2p_cosim.scenario.schema import Scenario
from p2p_cosim.scenario.schema.fields import OneOf, Plugin
from p2p_cosim.scenario.schema.problems import inner_model, number

BEGIN, END = "<!-- begin field reference -->", "<!-- end field reference -->"
_BOUNDS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<", "max_length": "length <="}
_HEAD = "| field | bounds | default | meaning |\n|---|---|---|---|"


def field_reference() -> str:
    """Markdown: a table of fields for each section, in the order of the schema.

    A list or mapping of sections has a row where it stands, and then a table of its own.
    """
    return "\n\n".join(_tables(Scenario, ""))


def parameters() -> Iterator[tuple[str, str, str, str]]:
    """Path, bounds, default and meaning of every field, in Markdown, in the order of the schema."""
    return _parameters(Scenario, "")


def updated(page: str) -> str:
    """The page with the reference between its markers written anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{field_reference()}\n\n{END}{after}"


def _parameters(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, str, str]]:
    inner = _sections(model)
    for name, field in model.model_fields.items():
        if name not in inner or inner[name][0]:
            yield _cells(prefix + name, field)
    for name, (entry, section) in inner.items():
        yield from _parameters(section, f"{prefix}{name}{entry}.")


def _sections(model: type[BaseModel]) -> dict[str, tuple[str, type[BaseModel]]]:
    """Sections inside a section, each with how an entry of it is written."""
    return {
        name: (_entry(field), section)
        for name, field in model.model_fields.items()
        if (section := inner_model(field.annotation)) is not None
    }


def _tables(model: type[BaseModel], prefix: str) -> Iterator[str]:
    inner = _sections(model)
    rows = [
        f"| {' | '.join(_cells(prefix + name, field))} |"
        for name, field in model.model_fields.items()
        if name not in inner or inner[name][0]
    ]
    title = f"### {prefix.rstrip('.') or 'top level'}"
    about = (model.__doc__ or "").strip().partition("\n")[0]
    yield "\n".join([title, "", about, "", _HEAD, *rows])
    for name, (entry, section) in inner.items():
        yield from _tables(section, f"{prefix}{name}{entry}.")


def _entry(field: FieldInfo) -> str:
    """How an entry of a list or mapping of sections is written; empty for a section itself."""
    origin = get_origin(field.annotation)
    if origin is None:
        return ""
    return "[i]" if origin is tuple else ".<house>"


def _cells(path: str, field: FieldInfo) -> tuple[str, str, str, str]:
    meaning = (field.description or "").replace("|", "/")
    return f"`{path}`", _bounds(field).replace("|", "/"), _default(field.default), meaning


def _bounds(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return _code(get_args(field.annotation))
    if field.annotation is bool:
        return "`true`, `false`"
    for mark in field.metadata:
        if isinstance(mark, OneOf):
            return _code(mark.known)
        if isinstance(mark, Plugin):
            return f"{_code(mark.known)} or `package.module:Name`"
    limits = [
        f"{sign} {number(getattr(limit, name))}"
        for limit in _limits(field)
        for name, sign in _BOUNDS.items()
        if hasattr(limit, name)
    ]
    return ", ".join(limits)


def _code(names: tuple[object, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _limits(field: FieldInfo) -> list[Any]:
    """Bounds of the field, and of the type inside an optional one."""
    inner = [
        meta for arg in get_args(field.annotation) for meta in getattr(arg, "__metadata__", ())
    ]
    found: list[Any] = []
    for meta in [*field.metadata, *inner]:
        found.extend(meta.metadata if isinstance(meta, FieldInfo) else [meta])
    return found


def _default(value: object) -> str:
    if value is PydanticUndefined:
        return "required"
    if value is None or value in ("", (), {}):
        return "none"
    if isinstance(value, tuple):
        return f"`[{', '.join(str(part) for part in value)}]`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def main(path: str) -> None:
    """Rewrite the reference in a page."""
    file = Path(path)
    file.write_text(updated(file.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
