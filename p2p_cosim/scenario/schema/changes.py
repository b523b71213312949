"""Names of fields as users write them in `Scenario.replace`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import BaseModel

from p2p_cosim.core.errors import Problem, ScenarioError
from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.core.renamed import FIELDS
from p2p_cosim.scenario.schema.backup import Backup
from p2p_cosim.scenario.schema.problems import leaf_paths, renamed_field
from p2p_cosim.scenario.schema.traders import Trader

_BY_HOUSE: Mapping[str, type[BaseModel]] = {"backup": Backup, "traders": Trader}


def apply_changes(
    data: dict[str, object], changes: Mapping[str, object], root: type[BaseModel]
) -> None:
    """Write changes, keyed by leaf name or dotted path, into a scenario's nested data.

    Raises ScenarioError with every name that is unknown or ambiguous.
    """
    paths = list(leaf_paths(root))
    problems: list[Problem] = []
    for name, value in changes.items():
        found = find_path(name, paths)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            _write(data, found.split("."), value)
    if problems:
        raise ScenarioError("replace", problems)


def find_path(name: str, paths: Sequence[str]) -> str | Problem:
    """The dotted path that `name` means, or what is wrong with it.

    A full path stands for itself, a last part for the only path that ends so, and
    `traders.<house>.<field>` or `backup.<house>.<field>` for a house's own value.
    """
    leaves = [path for path in paths if path.rpartition(".")[2] == name]
    if name in paths or _is_house_field(name):
        return name
    if len(leaves) == 1:
        return leaves[0]
    for old in (name, *(path for path in FIELDS if path.endswith(f".{name}"))):
        if now := renamed_field(old.split(".")):
            return Problem(name, now)
    if leaves:
        return Problem(name, f"is ambiguous: write one of {', '.join(leaves)}")
    inside = [path for path in paths if path.startswith(f"{name}.")]
    if inside:
        return Problem(name, f"is a section: name a field of it, such as {inside[0]!r}")
    return Problem(name, f"unknown field{_meant(name, paths)}")


def _meant(name: str, paths: Sequence[str]) -> str:
    """The field of that name in another section, else the nearest of all."""
    names = [path.rpartition(".")[2] for path in paths]
    if (last := name.rpartition(".")[2]) in names:
        return f"; did you mean {paths[names.index(last)]!r}?"
    return did_you_mean(name, [*paths, *names])


def _is_house_field(name: str) -> bool:
    section, *rest = name.split(".")
    model = _BY_HOUSE.get(section)
    return model is not None and len(rest) == 2 and rest[1] in model.model_fields


def _write(data: dict[str, object], path: Sequence[str], value: object) -> None:
    *sections, leaf = path
    for name in sections:
        inner = data.setdefault(name, {})
        assert isinstance(inner, dict)  # noqa: S101  # data is a validated scenario's dump
        data = inner
    data[leaf] = _plain(value)


def _plain(value: object) -> object:
    """Axes of sweeps often come as numpy scalars or arrays."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    return value
