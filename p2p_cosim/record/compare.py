"""Two runs side by side: what they were made of, and what they came to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from p2p_cosim.core.errors import InputError
from p2p_cosim.record.find import leaves
from p2p_cosim.record.results import Results

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Comparison:
    """fields: what differs in scenario, files, plug-ins and versions; columns `a`, `b`, index
    `field`. figures: every figure of the summaries that differs; columns `a`, `b`, `difference`
    (b minus a, of numbers) and `relative` (to a), index `figure`.
    """

    fields: pd.DataFrame
    figures: pd.DataFrame

    def __str__(self) -> str:
        told = [
            frame.to_string() if len(frame) else f"no {what} differs"
            for what, frame in (("field", self.fields), ("figure", self.figures))
        ]
        return "\n\n".join(told)

    def __repr__(self) -> str:
        return f"Comparison({len(self.fields)} fields and {len(self.figures)} figures differ)"

    def _repr_html_(self) -> str:
        return (
            f"<b>What differs in fields</b>{self.fields.to_html()}"
            f"<b>What differs in figures</b>{self.figures.to_html()}"
        )


def compare(a: Results, b: Results) -> Comparison:
    """Which fields of two runs differ, and which figures by how much.

    Raises InputError for what is no `Results`.
    """
    import pandas as pd

    for given in (a, b):
        if not isinstance(given, Results):
            what = type(given).__name__
            remedy = f"Results.load({str(given)!r})" if isinstance(given, (str, Path)) else "run()"
            raise InputError(f"compare takes two Results, not a {what}: give {remedy}")

    made = _made_of(a), _made_of(b)
    fields = [
        (name, made[0].get(name), made[1].get(name))
        for name in dict.fromkeys([*made[0], *made[1]])
        if made[0].get(name) != made[1].get(name)
    ]
    came = a.summary().as_dict(), b.summary().as_dict()
    figures = [
        (name, came[0][name], came[1][name], *_change(came[0][name], came[1][name]))
        for name in came[0]
        if came[0][name] != came[1][name]
    ]
    columns = ["figure", "a", "b", "difference", "relative"]
    return Comparison(
        pd.DataFrame(fields, columns=["field", "a", "b"]).set_index("field"),
        pd.DataFrame(figures, columns=columns).set_index("figure"),
    )


def _made_of(run: Results) -> dict[str, object]:
    identity = run.manifest.get("identity") or {}
    told = {name: identity.get(name) for name in ("files", "plugins", "engines")}
    code = {name: identity.get(name) for name in ("code_version", "bytecode_hash")}
    return dict(leaves({**run.scenario, **told, **code, "ticks recorded": run.ticks}))


def _change(a: object, b: object) -> tuple[float | None, float | None]:
    if not (isinstance(a, (int, float)) and isinstance(b, (int, float))):
        return None, None
    return b - a, (b - a) / abs(a) if a else None
