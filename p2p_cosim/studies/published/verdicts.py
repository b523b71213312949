"""What runs of whole studies came to, and when: a file beside them, and the table in their page."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from p2p_cosim.core.errors import InputError

VERDICTS, PAGE = "verdicts.json", "README.md"
_BEGIN, _END = "<!-- verdicts: written by the command -->", "<!-- end of verdicts -->"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one study run whole. date: ISO, UTC. code: of `record.code_version`, its beginning.

    cpu_s: of all its runs, without the start of workers; None if it was never measured.
    """

    runs: int
    cpu_s: float | None
    date: str
    code: str
    python: str
    machine: str
    holds: bool


def read_verdicts(published: Path) -> dict[str, Verdict]:
    """The last verdict of each study by name. InputError for a file that holds none."""
    file = published / VERDICTS
    if not file.is_file():
        return {}
    try:
        told = json.loads(file.read_text("utf-8"))
        return {name: Verdict(**each) for name, each in told.items()}
    except (ValueError, TypeError, AttributeError) as error:
        remedy = "take it from the repository, or remove it"
        raise InputError(f"{file} holds no verdicts ({error}): {remedy}") from None


def note(published: Path, new: dict[str, Verdict]) -> None:
    """Write verdicts beside those that are there, and into the page.

    Raises InputError for a page without the place for them.
    """
    page = published / PAGE
    text = page.read_text("utf-8")
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise InputError(f"{page} lacks the lines {_BEGIN!r} and {_END!r} to write between")
    told = dict(sorted({**read_verdicts(published), **new}.items()))
    _write(published / VERDICTS, json.dumps({n: asdict(v) for n, v in told.items()}, indent=1))
    _write(page, f"{before}{_BEGIN}\n{_table(told)}\n{_END}{after.rstrip()}")


def _table(told: dict[str, Verdict]) -> str:
    head = "| study | runs | CPU time | run whole on | Python, machine | code | verdict |"
    rows = [
        f"| [{name}]({name}/README.md) | {v.runs} | {duration(v.cpu_s)} | {v.date} | "
        f"{v.python}, {v.machine} | `{v.code}` | {'holds' if v.holds else '**does not hold**'} |"
        for name, v in told.items()
    ]
    return "\n".join([head, "|---|---|---|---|---|---|---|", *rows])


def duration(cpu_s: float | None) -> str:
    """A CPU time in words."""
    if cpu_s is None:
        return "not measured"
    return f"{cpu_s:.0f} s" if cpu_s < 120 else f"{cpu_s / 60:.0f} min"


def _write(file: Path, text: str) -> None:
    file.write_text(f"{text}\n", encoding="utf-8", newline="\n")
