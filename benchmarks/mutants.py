"""Mutation testing of the contracts: how many small bugs the tests notice.

    python benchmarks/mutants.py [--count 120] [--seed 0] [--jobs 2] [--only Clearing.sol]

Every mutant changes one place of one contract: a comparison flipped or moved by one, a guard or
a statement dropped, an operator or an operand swapped. A mutant that does not compile, or that
compiles to the same bytecode, is no mutant. The rest run against the behaviour tests of the
market, in copies of the project in a temporary folder; the tests of gas and of the artifact's
hash stay out, because any change at all would fail them. A test that runs into the time limit
counts as a kill: the mutant loops for ever.

Prints the survivors; exits with an error if fewer than 95 % are killed.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from random import Random

from rich.progress import Progress

ROOT = Path(__file__).parents[1]
CONTRACTS = ROOT / "contracts"
ARTIFACTS = Path("p2p_cosim/chain/artifacts")
COPIED = ("p2p_cosim", "tests", "contracts", "scenarios", "pyproject.toml")
LEFT_OUT = ("node_modules", "__pycache__", "build", ".hypothesis")
SKIPPED_TESTS = ("test_contract_artifact.py", "test_gas_snapshot.py")
KILLED_SHARE = 0.95
TIME_LIMIT_S = 600
# A kill needs one failing example, not the smallest.
PROFILE = """from hypothesis import Phase, settings

settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate))
settings.load_profile("mutants")
"""

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


@dataclass(frozen=True)
class Mutant:
    """One changed place: the file, the line from 1 on, the line before and after."""

    file: str
    line: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: `{self.before.strip()}` -> `{self.after.strip()}`"

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


class Workshop:
    """A copy of the project in which one mutant at a time is compiled and tested."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in COPIED:
            source, target = ROOT / name, folder / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns(*LEFT_OUT))
            else:
                shutil.copy(source, target)
        (folder / "contracts" / "node_modules").symlink_to(CONTRACTS / "node_modules")
        (folder / "mutants_profile.py").write_text(PROFILE, encoding="utf-8")
        settings = folder / "contracts" / "settings.mjs"  # by IR a build takes minutes for seconds
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace("viaIR: true", "viaIR: false"), encoding="utf-8")
        if not self._run("node", "contracts/compile.mjs"):
            sys.exit("the contracts do not compile without any mutant")
        self.bytecode = self._bytecode()

    def verdict(self, mutant: Mutant, tests: Sequence[str]) -> str:
        """`invalid`, `equivalent`, `killed` or `survived`."""
        path = self.folder / "contracts" / mutant.file
        original = path.read_text(encoding="utf-8")
        try:
            path.write_text(mutant.apply(original), encoding="utf-8")
            if not self._run("node", "contracts/compile.mjs"):
                return "invalid"
            if self._bytecode() == self.bytecode:
                return "equivalent"
            return "survived" if self.passes(tests) else "killed"
        finally:
            path.write_text(original, encoding="utf-8")

    def passes(self, tests: Sequence[str]) -> bool:
        """Whether all tests pass with the contracts as last compiled."""
        options = ("-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-p", "mutants_profile")
        options += ("--hypothesis-seed=0",)
        return self._run(sys.executable, "-m", "pytest", *options, *tests)

    def _run(self, *command: str) -> bool:
        try:
            done = subprocess.run(
                command, cwd=self.folder, capture_output=True, timeout=TIME_LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def _bytecode(self) -> list[str]:
        files = sorted((self.folder / ARTIFACTS).glob("*.json"))
        return [found for f in files for found in re.findall(r'ytecode": "(\w+)"', f.read_text())]


def behaviour_tests() -> list[str]:
    """The market's tests, quick ones first, without those that any change would fail."""
    unit = sorted((ROOT / "tests" / "unit" / "market").glob("test_*.py"))
    oracles = sorted((ROOT / "tests" / "oracles").glob("test_contract_*.py"))
    quick_first = [path for path in [*unit, *oracles] if "contract" in path.name]
    quick_first += [path for path in unit if "onchain" in path.name or "rule" in path.name]
    return [str(path.relative_to(ROOT)) for path in quick_first if path.name not in SKIPPED_TESTS]


def main() -> None:
    """Make mutants, try them, and print what survives."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=120, help="mutants to try, 0 for all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="*", help="file names; default all contracts")
    options = parser.parse_args()
    files = [p for p in sorted(CONTRACTS.glob("*.sol")) if not re.match(r"I[A-Z]", p.name)]
    if options.only:
        files = [path for path in files if path.name in options.only]
    mutants = [mutant for path in files for mutant in mutants_of(path)]
    total = len(mutants)
    Random(options.seed).shuffle(mutants)  # noqa: S311 - a sample, no secret
    mutants = mutants[: options.count or None]
    print(f"{len(mutants)} of {total} mutants of {len(files)} contracts")
    verdicts = try_all(mutants, options.jobs)
    report(verdicts)


def try_all(mutants: Sequence[Mutant], jobs: int) -> dict[Mutant, str]:
    """The verdict on every mutant; `jobs` copies of the project work side by side."""
    tests = behaviour_tests()
    verdicts: dict[Mutant, str] = {}
    workshops: SimpleQueue[Workshop] = SimpleQueue()

    def judge(mutant: Mutant) -> str:
        workshop = workshops.get()
        try:
            return workshop.verdict(mutant, tests)
        finally:
            workshops.put(workshop)

    with (
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor(jobs) as pool,
        Progress() as bar,
    ):
        for job in range(jobs):
            workshops.put(Workshop(Path(folder) / str(job)))
        workshop = workshops.get()
        if not workshop.passes(tests):
            sys.exit("the tests fail without any mutant")
        workshops.put(workshop)
        task = bar.add_task("mutants", total=len(mutants))
        futures = {pool.submit(judge, mutant): mutant for mutant in mutants}
        try:
            for future in as_completed(futures):
                mutant, verdict = futures[future], future.result()
                verdicts[mutant] = verdict
                if verdict == "survived":
                    bar.console.print(f"survived {mutant}", markup=False, highlight=False)
                bar.advance(task)
                if not bar.console.is_terminal and len(verdicts) % 10 == 0:
                    print(f"{len(verdicts)} of {len(mutants)}", flush=True)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)  # report what is known
    return verdicts


def report(verdicts: dict[Mutant, str]) -> None:
    """Print the score, and exit with an error if it is too low."""
    counts = {name: list(verdicts.values()).count(name) for name in sorted(set(verdicts.values()))}
    tried = counts.get("killed", 0) + counts.get("survived", 0)
    share = counts.get("killed", 0) / tried if tried else 0.0
    print(f"{counts}: {share:.1%} of {tried} killed")
    for mutant, verdict in verdicts.items():
        if verdict == "survived":
            print(f"  {mutant}")
    sys.exit(share < KILLED_SHARE)


if __name__ == "__main__":
    main()
