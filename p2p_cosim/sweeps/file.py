"""Sweep files: a plan and its limits in YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from p2p_cosim.core.errors import InputError, Problem, ScenarioError
from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.scenario import load
from p2p_cosim.scenario.examples import examples
from p2p_cosim.scenario.schema.problems import show
from p2p_cosim.scenario.yaml_text import parse
from p2p_cosim.sweeps.designs import FACTORIAL
from p2p_cosim.sweeps.plan import Plan, make_plan

_MAX_BYTES = 1_000_000
_FIELDS = (
    *("name", "description", "base", "fields", "points", "design", "samples", "seeds"),
    *("timeout_s", "memory_mb"),
)


@dataclass(frozen=True, slots=True)
class SweepFile:
    """A sweep as a file tells it."""

    plan: Plan
    timeout_s: float | None = None
    memory_mb: float | None = None


def load_sweep(path: str | Path, changes: Mapping[str, object] | None = None) -> SweepFile:
    """The sweep in a YAML file; docs/sweeps.md tells its fields.

    changes: to the base scenario, as `Scenario.replace` takes them.

    Raises ScenarioError with every problem found, of the file and of the scenarios it makes.
    """
    file = Path(path)
    data, problems = parse(_read(file))
    if not problems and not isinstance(data, dict):
        problems.append(Problem("", "a sweep is a mapping that begins with base:"))
    if not isinstance(data, dict):
        raise ScenarioError(str(path), problems)
    if "base" not in data and ("clock" in data or "houses" in data):
        told = f"is the file of a scenario: p2p-cosim run {path}; a sweep names one as base:"
        raise ScenarioError(str(path), [Problem("", told)])
    problems += _shape(data)
    base = None
    try:
        base = _base(file, data.get("base")).replace(changes or {})
    except InputError as error:
        problems += getattr(error, "problems", [Problem("base", str(error))])
    plan = None
    if base is not None and not problems:
        try:
            plan = make_plan(
                base,
                data.get("fields") or {},
                points=data.get("points") or (),
                design=data.get("design", FACTORIAL),
                samples=data.get("samples"),
                seeds=data.get("seeds", 1),
                name=data.get("name") or file.stem,
                description=data.get("description", ""),
            )
        except ScenarioError as error:
            problems += error.problems
    if plan is None:
        raise ScenarioError(str(path), problems)
    return SweepFile(plan, data.get("timeout_s"), data.get("memory_mb"))


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > _MAX_BYTES:
            raise ScenarioError(str(file), [Problem("", f"has more than {_MAX_BYTES} bytes")])
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        message = f"cannot be read in {Path.cwd()}: {reason}"
        if str(file) in examples():
            message += (
                f"; a scenario of that name is run by p2p-cosim run {file}, a sweep has a file"
            )
        raise ScenarioError(str(file), [Problem("", message)]) from None


def _base(file: Path, name: object) -> Any:
    """A file beside the sweep's, else what `load` finds by this name."""
    if not isinstance(name, str):
        raise InputError(f"{show(name)} is no scenario: name a file, such as ../trading_day.yaml")
    beside = file.parent / name
    return load(beside if beside.is_file() else name)


def _shape(data: Mapping[Any, object]) -> list[Problem]:
    known = ", ".join(_FIELDS)
    problems = [
        Problem(
            str(name),
            f"unknown field{did_you_mean(name, _FIELDS) or f': the fields are {known}'}",
        )
        for name in data
        if name not in _FIELDS
    ]
    for name in ("name", "description"):
        if not isinstance(data.get(name, ""), str):
            problems.append(Problem(name, f"{show(data[name])} is not text"))
    if not _is_mapping(data.get("fields") or {}):
        problems.append(Problem("fields", f"{show(data['fields'])} is not a mapping of fields"))
    points = data.get("points") or []
    if not isinstance(points, list) or not all(map(_is_mapping, points)):
        problems.append(Problem("points", f"{show(points)} is not a list of mappings of fields"))
    for name in ("timeout_s", "memory_mb"):
        limit = data.get(name)
        is_number = isinstance(limit, (int, float)) and not isinstance(limit, bool)
        if limit is not None and not (is_number and float(str(limit)) > 0):
            problems.append(Problem(name, f"{show(limit)} is not a number above 0"))
    return problems


def _is_mapping(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(name, str) for name in value)
