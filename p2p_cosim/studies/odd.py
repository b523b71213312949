"""The lists of docs/odd.md, the model in the ODD protocol, written from what the code declares.

    python -m p2p_cosim.studies.odd docs/odd.md

rewrites what stands between the markers of that file: the state variables of every entity from
the tables of a run, the parameters from the schema of scenarios.
"""

from __future__ import annotations

import sys
from pathlib import Path

from p2p_cosim.record.schema import TABLES
from p2p_cosim.scenario.reference import parameters

ENTITIES = {
    "Household": ("households",),
    "Device": ("devices",),
    "Order and trade": ("orders", "trades"),
    "Market round": ("rounds",),
    "Utility and bulk consumers": ("others",),
    "Meter": ("voltages", "part_voltages", "phase_voltages"),
    "Feeder": ("feeder", "node_voltages", "loadings", "parts"),
    "Regulators and their controller": ("taps", "control", "predictions"),
    "Fault agent": ("faults", "alarms", "offers", "alerts"),
    "Chain": ("transactions",),
}
"""Which tables hold the state of what; every table is one entity's."""

_KEYS = ("tick",)  # of every table, and no state


def lists() -> dict[str, str]:
    """Markdown by the name of its marker."""
    return {"state variables": _state_variables(), "parameters": _parameters()}


def updated(page: str) -> str:
    """The page with its lists written anew. ValueError if a marker is missing."""
    for name, text in lists().items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        before, found, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"the page has no {begin} ... {end}")
        page = f"{before}{begin}\n\n{text}\n\n{end}{after}"
    return page


def _state_variables() -> str:
    rows = ["| entity | variable | unit | meaning |", "|---|---|---|---|"]
    for entity, names in ENTITIES.items():
        for name in names:
            for column in TABLES[name].columns:
                if column.name not in _KEYS:
                    meaning = column.description.replace("|", "/")
                    rows.append(
                        f"| {entity} | `{name}.{column.name}` | {column.unit} | {meaning} |"
                    )
    return "\n".join(rows)


def _parameters() -> str:
    rows = ["| parameter | bounds | default |", "|---|---|---|"]
    rows += [f"| {path} | {bounds} | {default} |" for path, bounds, default, _ in parameters()]
    return "\n".join(rows)


def main(path: str) -> None:
    """Rewrite the lists of a page."""
    file = Path(path)
    file.write_text(updated(file.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
