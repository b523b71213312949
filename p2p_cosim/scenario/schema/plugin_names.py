"""Where a scenario may name a class of the user's own, found by walking the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from p2p_cosim.scenario.schema.fields import Plugin, is_plugin


def plugin_names(value: object, path: str = "") -> dict[str, str]:
    """`package.module:Name` by its dotted path, in the order of the schema.

    value: a scenario, or a section of one.
    """
    return dict(_walk(value, path))


def _walk(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            inner, at = getattr(value, name), f"{path}.{name}".removeprefix(".")
            if any(isinstance(mark, Plugin) for mark in field.metadata):
                if isinstance(inner, str) and is_plugin(inner):
                    yield at, inner
            else:
                yield from _walk(inner, at)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _walk(inner, f"{path}.{key}")
    elif isinstance(value, tuple):
        for i, inner in enumerate(value):
            yield from _walk(inner, f"{path}[{i}]")
