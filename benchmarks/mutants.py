"""Mutation testing of the contracts: how many small bugs the tests notice.

    python benchmarks/mutants.py                      judge mutants until 400 are judged
    python benchmarks/mutants.py --minutes 5          stop after five minutes; call again to go on
    python benchmarks/mutants.py --survivors          try survivors again, after tests were added
    python benchmarks/mutants.py --ir 60              survivors and 60 killed ones on the IR build
    python benchmarks/mutants.py --page               write the table of docs/security.md

Every mutant changes one place of one contract (mutant_places.py). One that does not compile, or
compiles to the same bytecode, is no mutant. The rest meet the market's behaviour tests until one
fails, those first that are quick and killed others (mutant_workshop.py, mutant_tests.py). The
tests of gas and of the artifact's hash stay out, because any change at all would fail them.

Verdicts are kept in mutants.csv, with the digest of the contract's source: mutants of a contract
that has changed since are tried anew. The column `why` says what makes a survivor the same
contract to everybody outside; it is written by hand, and kept.

Prints the score; the exit code is 1 if fewer than 95 % of those that differ are killed.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from mutant_places import Mutant, all_mutants, digest_of
from mutant_workshop import FAST, IR, Workshop
from mutants_page import score, write_page

VERDICTS = Path(__file__).with_name("mutants.csv")
SAMPLE = 400
KILLED_SHARE = 0.95


@dataclass
class Verdict:
    """A row of mutants.csv. `ir` is the verdict on the IR build, empty where it was not asked."""

    file: str
    source: str
    line: int
    before: str
    after: str
    verdict: str
    by: str = ""
    ir: str = ""
    date: str = ""
    why: str = ""

    @property
    def mutant(self) -> tuple[str, str, int, str, str]:
        """What it is about."""
        return (self.file, self.source, self.line, self.before, self.after)


def kept_verdicts() -> list[Verdict]:
    """Those of mutants.csv whose contract is as it was."""
    if not VERDICTS.exists():
        return []
    with VERDICTS.open(encoding="utf-8", newline="") as lines:
        rows = [Verdict(**row | {"line": int(row["line"])}) for row in csv.DictReader(lines)]  # type: ignore[arg-type]
    return [row for row in rows if digest_of(row.file) == row.source]


def keep(verdicts: Iterable[Verdict]) -> None:
    """Write mutants.csv, by contract and line."""
    rows = sorted(verdicts, key=lambda row: row.mutant)
    with VERDICTS.open("w", encoding="utf-8", newline="") as lines:
        names = [field.name for field in fields(Verdict)]
        table = csv.DictWriter(lines, names, lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(row) for row in rows)


def row_of(mutant: Mutant) -> Verdict:
    """A row without a verdict."""
    source = digest_of(mutant.file)
    return Verdict(mutant.file, source, mutant.line, mutant.before, mutant.after, "")


@dataclass
class Bench:
    """Gives rows their verdicts on a build, each kept at once; may do several at a time."""

    build: str
    known: list[Verdict]
    end: float
    budget_s: float
    _one: Lock = field(default_factory=Lock)

    def judge(self, rows: list[Verdict], processes: int) -> None:
        """All of them that are begun before the end."""
        todo = iter(rows)
        with ExitStack() as stack:
            shops = []
            for _ in range(min(processes, len(rows))):
                folder = stack.enter_context(tempfile.TemporaryDirectory())
                shops.append(
                    stack.enter_context(closing(Workshop(Path(folder), self.build, self.budget_s)))
                )
            threads = stack.enter_context(ThreadPoolExecutor(processes))
            for done in [threads.submit(self._work, shop, todo) for shop in shops]:
                done.result()

    def _work(self, shop: Workshop, todo: Iterator[Verdict]) -> None:
        while time.monotonic() < self.end:
            with self._one:
                row = next(todo, None)
                kills = [(row.file, row.by) for row in self.known if row.by]
            if row is None:
                return
            mutant = Mutant(row.file, row.line, row.before, row.after)
            verdict, killer = shop.verdict(mutant, kills)
            with self._one:
                self._keep(row, verdict, killer)
            print(f"{verdict:9}{mutant} {killer}", flush=True)

    def _keep(self, row: Verdict, verdict: str, killer: str) -> None:
        if self.build == IR:
            row.ir = verdict
        else:
            row.verdict, row.by = verdict, killer
        row.date = datetime.now(UTC).date().isoformat()
        if row not in self.known:
            self.known.append(row)
        keep(self.known)


def untried(known: list[Verdict], count: int) -> list[Verdict]:
    """Rows for those of the first `count` mutants that have no verdict."""
    done = {row.mutant for row in known}
    rows = [row_of(mutant) for mutant in all_mutants()[:count]]
    return [row for row in rows if row.mutant not in done]


def for_ir(known: list[Verdict], killed: int) -> list[Verdict]:
    """Survivors, and killed ones as they stand in the order by chance, not tried on IR yet."""
    by_mutant = {row.mutant: row for row in known}
    drawn = [by_mutant.get(row_of(mutant).mutant) for mutant in all_mutants()]
    rows = [row for row in drawn if row]
    missing = killed - sum(row.verdict == "killed" and row.ir != "" for row in rows)
    open_ones = [row for row in rows if row.ir == ""]
    return [
        *(row for row in open_ones if row.verdict == "survived" and not row.why),
        *[row for row in open_ones if row.verdict == "killed"][: max(0, missing)],
    ]


def main() -> int:
    """Continue where the last run stopped, and tell the score."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=SAMPLE, help="mutants to have judged in all")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin none after that")
    parser.add_argument("--contracts", nargs="+", metavar="NAME", help="only mutants of these")
    parser.add_argument("--processes", type=int, default=1, help="mutants at a time")
    parser.add_argument("--budget", type=float, default=1e9, help="CPU seconds of tests for each")
    parser.add_argument("--survivors", action="store_true", help="try survivors again")
    parser.add_argument("--ir", type=int, metavar="KILLED", help="try them on the IR build")
    parser.add_argument("--page", action="store_true", help="only write the table")
    options = parser.parse_args()
    end = time.monotonic() + 60 * options.minutes
    known = kept_verdicts()
    if not options.page:
        if options.ir is not None:
            rows = for_ir(known, options.ir)
        elif options.survivors:
            rows = [row for row in known if row.verdict == "survived" and not row.why]
        else:
            rows = untried(known, options.count)
        if options.contracts:
            rows = [row for row in rows if row.file.removesuffix(".sol") in options.contracts]
        build = FAST if options.ir is None else IR
        Bench(build, known, end, options.budget).judge(rows, options.processes)
    drawn = all_mutants()
    asked = {row_of(mutant).mutant for mutant in drawn[:SAMPLE]}
    write_page(known, [row for row in known if row.mutant not in asked], len(drawn))
    found = score(known)
    print(f"{found.killed} of {found.differ} that differ are killed, {found.share:.1%}")
    return int(found.share < KILLED_SHARE)


if __name__ == "__main__":
    sys.exit(main())
