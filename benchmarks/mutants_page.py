"""The table of mutants in docs/security.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from p2p_cosim.studies.detection.evaluate import wilson

PAGE = Path(__file__).parents[1] / "docs" / "security.md"
BEGIN, END = "<!-- begin mutants -->", "<!-- end mutants -->"


class Row(Protocol):
    """What is read of a verdict."""

    file: str
    line: int
    before: str
    after: str
    verdict: str
    by: str
    ir: str
    date: str
    why: str


@dataclass(frozen=True)
class Score:
    """Of mutants that differ: those that are killed, and those that survive without a reason."""

    killed: int
    survived: int

    @property
    def differ(self) -> int:
        """All of them."""
        return self.killed + self.survived

    @property
    def share(self) -> float:
        """Of those that differ, how many are killed; 1 of none."""
        return self.killed / self.differ if self.differ else 1.0


def score(rows: Sequence[Row]) -> Score:
    """What counts is the verdict on the IR build where there is one."""
    verdicts = [row.ir or row.verdict for row in rows if not row.why]
    return Score(verdicts.count("killed"), verdicts.count("survived"))


def write_page(rows: Sequence[Row], later: Sequence[Row], places: int) -> None:
    """Put the table between its marks. later: of the rows, those that no test was written for."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(
        f"{before}{BEGIN}\n\n{_table(rows, later, places)}\n{END}{after}", encoding="utf-8"
    )


def _table(rows: Sequence[Row], later: Sequence[Row], places: int) -> str:
    if not rows:
        return "None was tried on these contracts yet.\n"
    dates = sorted({row.date for row in rows})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    lines = [
        f"Of {places} mutants, {len(rows)} drawn by chance were tried, {when}: {_told(rows)}.",
        f"Tests were written for what survived of the first {len(rows) - len(later)}; of the",
        f"{len(later)} after them, which tell of tests that do not know them, {_told(later)}.",
        _of_ir(rows),
        "",
        "| contract | tried | no mutant | the same to callers | killed | survived |",
        "|---|---|---|---|---|---|",
    ]
    for name in sorted({row.file for row in rows}):
        lines.append(_line(f"`{name.removesuffix('.sol')}`", [r for r in rows if r.file == name]))
    lines += [_line("all", rows), ""]
    survivors = [row for row in rows if (row.ir or row.verdict) == "survived"]
    if survivors:
        lines += ["Survivors, and why:", ""]
        lines += [_survivor(row) for row in sorted(survivors, key=lambda r: (r.file, r.line))]
        lines.append("")
    return "\n".join(lines)


def _told(rows: Sequence[Row]) -> str:
    found = score(rows)
    low, high = wilson(found.killed, found.differ)
    share = f"{found.share:.1%}, 95 % Wilson interval {low:.1%} to {high:.1%}"
    return f"{found.killed} of {found.differ} that differ to callers are killed ({share})"


def _of_ir(rows: Sequence[Row]) -> str:
    found = Counter((row.verdict, row.ir) for row in rows if row.ir)
    if not found:
        return "None was tried on the IR build."
    tried = sum(found.values())
    other = sum(count for (fast, ir), count in found.items() if fast != ir)
    return f"On the IR build {tried} were tried again; {other} ended otherwise there."


def _line(name: str, rows: Sequence[Row]) -> str:
    verdicts = [row.ir or row.verdict for row in rows]
    no_mutant = verdicts.count("invalid") + verdicts.count("equal")
    same = sum(bool(row.why) for row in rows)
    found = score(rows)
    return f"| {name} | {len(rows)} | {no_mutant} | {same} | {found.killed} | {found.survived} |"


def _survivor(row: Row) -> str:
    after = f"`{row.after.strip()}`" if row.after.strip() else "dropped"
    reason = row.why or "no test noticed it when it was tried"
    return f"- `{row.file}:{row.line}` `{row.before.strip()}` → {after}: {reason}."
