"""The field reference of docs/scenario.md, written from the schema.

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

from p2p_cosim.scenario.schema import Backup, FaultEntry, Scenario, ShelfEntry, Trader
from p2p_cosim.scenario.schema.problems import number

BEGIN, END = "<!-- begin field reference -->", "<!-- end field reference -->"
_BOUNDS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<", "max_length": "length <="}
_HEAD = "| field | bounds | default | meaning |\n|---|---|---|---|"


def field_reference() -> str:
    """Markdown: a table of fields for each section, in the order of the schema."""
    tables = [*_tables(Scenario, ""), *_tables(FaultEntry, "faults.schedule[i].")]
    tables += _tables(ShelfEntry, "notify.shelved[i].")
    tables += [*_tables(Backup, "backup.<house>."), *_tables(Trader, "traders.<house>.")]
    return "\n\n".join(tables)


def updated(page: str) -> str:
    """The page with the reference between its markers written anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{field_reference()}\n\n{END}{after}"


def _tables(model: type[BaseModel], prefix: str) -> Iterator[str]:
    fields = model.model_fields
    sections = {name: inner for name, field in fields.items() if (inner := _section(field))}
    rows = [_row(prefix + name, field) for name, field in fields.items() if name not in sections]
    title = f"### {prefix.rstrip('.') or 'top level'}"
    about = (model.__doc__ or "").strip().partition("\n")[0]
    yield "\n".join([title, "", about, "", _HEAD, *rows])
    for name, section in sections.items():
        yield from _tables(section, f"{prefix}{name}.")


def _section(field: FieldInfo) -> type[BaseModel] | None:
    kind: Any = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _row(path: str, field: FieldInfo) -> str:
    cells = (f"`{path}`", _bounds(field), _default(field.default), field.description or "")
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _bounds(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(field.annotation))
    if field.annotation is bool:
        return "`true`, `false`"
    limits = [
        f"{sign} {number(getattr(limit, name))}"
        for limit in _limits(field)
        for name, sign in _BOUNDS.items()
        if hasattr(limit, name)
    ]
    return ", ".join(limits)


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
