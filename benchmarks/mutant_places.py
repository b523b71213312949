"""Mutants of the contracts: the source with one place changed.

A place is a comparison, which is flipped or moved by one; a guard or a statement, which is
dropped; or an operator, an operand or a constant, which is swapped for another.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CONTRACTS = Path(__file__).parents[1] / "contracts"

# What is replaced by what. Names of several characters come before their beginnings.
SWAPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"(?<![<>=!])<=(?!=)", ("<", ">")),
    (r"(?<![<>=!])>=(?!=)", (">", "<")),
    (r"(?<![<>=])<(?![<=])", ("<=", ">=")),
    (r"(?<![<>=])>(?![>=])", (">=", "<=")),
    (r"==", ("!=",)),
    (r"!=", ("==",)),
    (r"&&", ("||",)),
    (r"\|\|", ("&&",)),
    (r"\+=", ("-=", "=")),
    (r"-=", ("+=", "=")),
    (r"(?<=[\w)\]] )\+(?= )", ("-",)),
    (r"(?<=[\w)\]] )-(?= )", ("+",)),
    (r"(?<=[\w)\]] )\*(?= )", ("+",)),
    (r"(?<=[\w)\]] )/(?= )", ("*",)),
    (r"<<", (">>",)),
    (r">>", ("<<",)),
    (r"\b0\b(?!x)", ("1",)),
    (r"\b1\b", ("2", "0")),
    (r"\btrue\b", ("false",)),
    (r"\bfalse\b", ("true",)),
    (r"\bSide\.Bid\b", ("Side.Ask",)),
    (r"\bSide\.Ask\b", ("Side.Bid",)),
    (r"\bRETAIL\b", ("FEED_IN",)),
    (r"\bmsg\.sender\b", ("address(this)",)),
    (r"\b_min\(", ("_max(",)),
)
GUARD = re.compile(r"^\s*(else )?if \(.*\) revert \w+\(.*\);$")
STATEMENT = re.compile(
    r"^\s*(\w[\w.\[\]()]* ([-+*|^]?=) .*|(\+\+|--)[\w.]+|[\w.]+(\+\+|--)?\(?.*\)?|emit .*);$"
)
NO_STATEMENT = re.compile(
    r"^\s*(return|import|using|error|event|type|function|pragma|revert|assembly)\b"
)
DECLARATION = re.compile(
    r"^\s*(mapping|uint\d*|int\d*|bool|address|bytes\d*|[A-Z]\w*)\b[\w .\[\]()]*( =.*)?;"
)


INTERFACE = re.compile(r"I[A-Z]")


@dataclass(frozen=True)
class Mutant:
    """One changed place: the file, the line from 1 on, the line before and after."""

    file: str
    line: int
    before: str
    after: str

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line}: {self.before.strip()} -> {self.after.strip() or 'dropped'}"
        )

    def apply(self, text: str) -> str:
        """The text of the file with the change."""
        lines = text.splitlines()
        assert lines[self.line - 1] == self.before, self
        lines[self.line - 1] = self.after
        return "\n".join(lines) + "\n"


def mutants_of(path: Path) -> Iterator[Mutant]:
    """All mutants of a file, in the order of its lines. Interfaces have no code."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        code = line.split("//")[0].rstrip()
        if not code.strip() or code.lstrip().startswith(("pragma", "import", "///", "using")):
            continue
        for changed in dict.fromkeys(_changes(code)):
            yield Mutant(path.name, number, line, changed)


def _changes(code: str) -> Iterator[str]:
    drop = GUARD.match(code) or (STATEMENT.match(code) and not NO_STATEMENT.match(code))
    if drop and not DECLARATION.match(code):
        yield ""
    for pattern, replacements in SWAPS:
        for found in re.finditer(pattern, code):
            for replacement in replacements:
                yield code[: found.start()] + replacement + code[found.end() :]


def all_mutants() -> list[Mutant]:
    """Every mutant of every contract, in an order by chance that stays when other files change."""
    files = [path for path in sorted(CONTRACTS.glob("*.sol")) if not INTERFACE.match(path.name)]
    found = [mutant for path in files for mutant in mutants_of(path)]
    return sorted(found, key=lambda mutant: hashlib.sha256(repr(mutant).encode()).digest())


def digest_of(file: str) -> str:
    """Of the source of a contract: the first 12 digits of its SHA-256."""
    return hashlib.sha256((CONTRACTS / file).read_bytes()).hexdigest()[:12]
