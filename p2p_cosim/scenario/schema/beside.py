"""Problems between fields that are valid, where others are not."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pydantic.functional_validators import ModelWrapValidatorHandler

from p2p_cosim.core.errors import Problem
from p2p_cosim.scenario.schema.checks import findings
from p2p_cosim.scenario.schema.problems import dotted

if TYPE_CHECKING:
    from p2p_cosim.scenario.schema.scenario import Scenario


def findings_beside(
    data: Any,
    invalid: Sequence[tuple[int | str, ...]],
    handler: ModelWrapValidatorHandler[Scenario],
) -> list[Problem]:
    """Problems between fields that are valid, when others are not.

    The invalid ones are set back to their defaults, and findings that read them are left out.
    """
    if not isinstance(data, dict):
        return []
    reset = [
        loc[: next((i for i, p in enumerate(loc) if isinstance(p, int)), None)] for loc in invalid
    ]
    pruned: dict[Any, Any] = copy.deepcopy(data)
    for loc in reset:
        _remove(pruned, loc)
    try:
        scenario = handler({"name": "unnamed"} | pruned)
    except ValidationError:
        return []
    paths = [dotted(loc) for loc in reset]
    return [
        finding.problem
        for finding in findings(scenario)
        if not any(_overlap(path, field) for path in paths for field in finding.fields)
    ]


def _remove(data: dict[Any, Any], loc: Sequence[int | str]) -> None:
    for part in loc[:-1]:
        inner = data.get(part)
        if not isinstance(inner, dict):
            return
        data = inner
    data.pop(loc[-1] if loc else None, None)


def _overlap(path: str, field: str) -> bool:
    return f"{field}.".startswith(f"{path}.") or f"{path}.".startswith(f"{field}.")
