"""Whether a published study holds: its checksums, and its rows from runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from numbers import Integral
from typing import Any, cast

import numpy as np

from p2p_cosim.scenario.yaml_text import parse
from p2p_cosim.studies.published.rows import Rows, columns_of
from p2p_cosim.studies.published.study import HASHES, Study, read_table


def check_hashes(study: Study) -> list[str]:
    """A sentence for each file that is not what was published, and each sweep whose scenario
    resolves to another than the published one."""
    stored = _stored(study)
    if stored is None:
        return [f"{HASHES} is not there, or is none: take it from the repository"]
    now = study.digests()
    found = [f"{name} is not there" for name in stored if name not in now]
    found += [f"{name} was not published" for name in now if name not in stored]
    found += [f"{n} is not as published" for n in now if n in stored and now[n] != stored[n]]
    for sweep in study.sweeps:
        resolved = study.folder / "scenarios" / f"{sweep.plan.name}.yaml"
        if not resolved.is_file():
            continue
        published = parse(resolved.read_text("utf-8"))[0]
        if not _holds(published, sweep.plan.base.resolved()):
            found.append(f"the scenario of {sweep.plan.name} resolves to another than published")
    return found


def _stored(study: Study) -> dict[str, str] | None:
    """Checksums by file as published; None if they cannot be read."""
    try:
        told = json.loads((study.folder / HASHES).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def repeat(study: Study, made: Rows, *, whole: bool) -> list[str]:
    """A sentence for each value in which rows that were run differ from the stored table.

    whole: the rows are all of the study.
    """
    stored, wanted = read_table(study), columns_of(study)
    found = _columns(list(stored.columns), wanted)
    known: dict[Any, dict[Any, object]] = stored.to_dict("index")
    for key, row in made.table.to_dict("index").items():
        if key not in known:
            found.append(f"row {key} is not in the stored table")
            continue
        found += [
            f"row {key}, {name}: {value} instead of {known[key][name]}"
            for name, value in row.items()
            if name in known[key] and not _agree(value, known[key][name], study.tolerance)
        ]
    if whole and len(stored) != len(made.table):
        found.append(f"the stored table has {len(stored)} rows, the study {len(made.table)}")
    return found


def _columns(stored: Sequence[str], wanted: Sequence[str]) -> list[str]:
    lacking = [f"the stored table lacks the column {name}" for name in wanted if name not in stored]
    more = [f"the stored table has a column {name} more" for name in stored if name not in wanted]
    return lacking + more


def _holds(stored: object, now: object) -> bool:
    """Whether every stored field is what it was. Fields that came later may stand beside them."""
    if isinstance(stored, dict) and isinstance(now, dict):
        return all(name in now and _holds(value, now[name]) for name, value in stored.items())
    return stored == now


def _agree(made: object, stored: object, tolerance: float) -> bool:
    if isinstance(made, str) or isinstance(stored, str):
        return made == stored
    a, b = (float("nan") if v is None else float(cast(float, v)) for v in (made, stored))
    if np.isnan(a) or np.isnan(b):
        return bool(np.isnan(a) and np.isnan(b))
    if isinstance(made, Integral):
        return a == b
    return abs(a - b) <= tolerance * max(abs(a), abs(b))
