"""Run slither over the contracts and hold its findings to the answers in docs/security.md.

Runs in an environment of its own (requirements.txt beside), after `forge build --build-info`.
A finding is named by its detector and the functions, variables or contracts it is about; an
answer covers one of them, or all of a detector with `all`. Fails on a finding without an answer,
and on an answer without a finding.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "security.md"
BEGIN, END = "<!-- begin slither -->", "<!-- end slither -->"
COMMAND = ("slither", ".", "--ignore-compile", "--foundry-ignore-compile")
OPTIONS = ("--foundry-out-directory", "build/out", "--filter-paths", "forge/test/", "--json", "-")
NAMED = ("function", "variable", "contract")


def findings() -> set[tuple[str, str]]:
    """(detector, what it is about) of every finding."""
    done = subprocess.run(
        [*COMMAND, *OPTIONS], cwd=HERE, capture_output=True, text=True, check=False
    )
    if not done.stdout.startswith("{"):
        sys.exit(f"slither failed:\n{done.stderr}")
    report = json.loads(done.stdout)
    if not report["success"]:
        sys.exit(f"slither failed: {report['error']}")
    if not report["results"]:
        sys.exit("slither found nothing at all: were the contracts compiled from scratch?")
    return {(found["check"], _about(found["elements"])) for found in report["results"]["detectors"]}


def _about(elements: list[dict[str, object]]) -> str:
    first = next(element for element in elements if element["type"] in NAMED)
    fields = first["type_specific_fields"] if first["type"] != "contract" else {}
    parent = fields.get("parent", {}).get("name") if isinstance(fields, dict) else None
    return f"{parent}.{first['name']}" if parent else str(first["name"])


def answers() -> set[tuple[str, str]]:
    """(detector, what, or `all`) of every row of the page's table."""
    table = PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
    rows = [line.strip("| ").split(" | ") for line in table.strip().splitlines()[2:]]
    return {(row[0].strip("` "), what.strip("` ")) for row in rows for what in row[1].split(", ")}


def main() -> None:
    """Compare and tell."""
    found, answered = findings(), answers()
    open_ones = {f for f in found if f not in answered and (f[0], "all") not in answered}
    idle = {a for a in answered if a not in found and not (a[1] == "all" and a[0] in dict(found))}
    for detector, what in sorted(open_ones):
        print(f"not answered in docs/security.md: {detector} {what}")
    for detector, what in sorted(idle):
        print(f"answered in docs/security.md, but not found: {detector} {what}")
    print(f"{len(found)} findings, {len(open_ones)} without an answer")
    sys.exit(bool(open_ones or idle))


if __name__ == "__main__":
    main()
