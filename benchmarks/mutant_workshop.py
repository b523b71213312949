"""Where mutants are compiled and meet the tests: a copy of the project in a folder of its own.

Two builds. *Fast*: the compiler's older pipeline without its slow optimisations, in a second;
what it makes is larger than a chain allows, so that the limits are lifted for it. *IR*: the
settings of the artifacts, as they ship, in half a minute. A copy serves one mutant at a time.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from pathlib import Path
from typing import Any

from mutant_places import CONTRACTS, INTERFACE, Mutant

ROOT = CONTRACTS.parent
HERE = Path(__file__).parent
ARTIFACTS = Path("p2p_cosim/chain/artifacts")
COPIED = ("p2p_cosim", "tests", "scenarios", "pyproject.toml")
LEFT_OUT = ("node_modules", "__pycache__", "build", ".hypothesis")

FAST, IR = "fast", "ir"
NOT_SLOW = {"yul": False, "cse": False, "inliner": False}
SETTINGS: dict[str, dict[str, Any]] = {
    FAST: {"viaIR": False, "optimizer": {"enabled": True, "runs": 1, "details": NOT_SLOW}},
    IR: {},
}

SEALED = "SealedMarket"
RULES = ("KDoubleAuction", "Walrasian", "PayAsBid", "McAfee", "ContinuousDoubleAuction")
DEPLOYED = ("OpenMarket", SEALED, "DualPrice", *RULES)
# Any change at all would fail these.
NO_BEHAVIOUR = ("test_contract_artifact.py", "test_gas_snapshot.py")
# These look into the chain, or at several.
OF_CHAINS = (
    "test_onchain_market.py::test_the_same_round_on_another_chain_is_the_same_to_the_last_gas",
    "test_contract_errors.py::test_a_round_whose_credits_differ_from_its_escrow_does_not_close",
    "test_contract_signed.py::test_the_chain_is_in_the_signature",
)
MORE_TESTS = ("test_rules_against_reference.py", "test_signatures_against_eth_account.py")

# A test that takes that many times its CPU time has met a mutant that loops for ever.
PATIENCE, LEAST_PATIENCE_S = 10, 20
# A kill of a mutant of the same contract foretells as much as that many of others.
NEIGHBOUR = 10
UNTRIED = 0.02  # and one that killed nothing yet as much as that of a kill
OVERHEAD_S = 0.05


PYTEST = [sys.executable, "-m", "pytest", "-q", "-s", "-n", "0", "--tb=no", "-p", "mutant_tests"]
PYTEST += ["-p", "no:cacheprovider", "--hypothesis-profile=mutants", "--hypothesis-seed=0"]
PYTEST += [f"--deselect=tests/unit/market/{test}" for test in OF_CHAINS]


def behaviour_tests() -> list[str]:
    """Files of the market's tests below the project's folder."""
    tests = ROOT / "tests"
    found = sorted((tests / "unit" / "market").glob("test_*.py"))
    found = [path for path in found if "contract" in path.name or "onchain" in path.name]
    found += sorted((tests / "oracles").glob("test_contract_*.py"))
    found += [tests / "oracles" / name for name in MORE_TESTS]
    return [str(path.relative_to(ROOT)) for path in found if path.name not in NO_BEHAVIOUR]


def short(test: str) -> str:
    """A test as verdicts name it, without folders."""
    return test.rpartition("/")[2]


def built_from(file: str) -> list[str]:
    """Names of the deployed contracts whose code this file is part of."""
    imports = {
        path.name: re.findall(r'from "\./(\w+\.sol)"', path.read_text(encoding="utf-8"))
        for path in CONTRACTS.glob("*.sol")
    }

    def uses(name: str) -> bool:
        rest = (other for other in imports[name] if not INTERFACE.match(other))
        return name == file or any(uses(other) for other in rest)

    return [name for name in DEPLOYED if uses(f"{name}.sol")]


class Server:
    """A process that answers a line of JSON with another."""

    def __init__(self, command: list[str], folder: Path = ROOT) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={
                **os.environ,
                "PYTHONPATH": f"{folder}{os.pathsep}{HERE}",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, request: dict[str, Any]) -> Any:
        """What it answers to a request."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self.answer()

    def answer(self) -> Any:
        """The next line that it writes."""
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """Let it end."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()


class Workshop:
    """A copy of the project, in which the contracts are compiled as `build` says.

    budget_s: CPU time of the tests that a mutant meets, as they take without any mutant.
    """

    def __init__(self, folder: Path, build: str, budget_s: float) -> None:
        self.folder, self.build, self.budget_s = folder, build, budget_s
        for name in COPIED:
            source, target = ROOT / name, folder / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns(*LEFT_OUT))
            else:
                shutil.copy(source, target)
        self.sources = {p.name: p.read_text(encoding="utf-8") for p in CONTRACTS.glob("*.sol")}
        node = shutil.which("node") or "node"
        self._compiler = Server([node, str(HERE / "mutant_compiler.mjs"), str(CONTRACTS)])
        if build == IR:  # the artifacts are what this would make
            self.bytecode = {name: self._artifact(name)[1] for name in DEPLOYED}
        else:
            answer = self._compile(self.sources, DEPLOYED)
            if "error" in answer:
                sys.exit(f"the contracts do not compile without any mutant: {answer['error']}")
            self.bytecode = answer["bytecode"]
            self._install(self.bytecode)
        self._tests = Server(PYTEST + behaviour_tests(), folder)
        self.tests: list[str] = self._tests.answer()
        self.seconds: dict[str, float] = {}
        self.seconds = self._checked()

    def close(self) -> None:
        """End the compiler and the tests."""
        self._compiler.close()
        self._tests.close()

    def verdict(self, mutant: Mutant, kills: Iterable[tuple[str, str]]) -> tuple[str, str]:
        """`invalid`, `equal` (bytecode), `killed` or `survived`; and the test that killed.

        kills: contracts and tests that killed mutants of them; they tell what is tried first. The
        sealed market is compiled where the tests of the others let a mutant live.
        """
        changed = self.sources | {mutant.file: mutant.apply(self.sources[mutant.file])}
        names, order = built_from(mutant.file), self._order(mutant.file, kills)
        later = [SEALED] if len(names) > 1 and SEALED in names else []
        of_sealed = [test for test in order if "sealed" in test]
        equal = True
        for part, tests in (([n for n in names if n not in later], order), (later, of_sealed)):
            answer = self._compile(changed, part) if part else {"bytecode": {}}
            if "error" in answer:
                return "invalid", ""
            if all(self.bytecode[name] == code for name, code in answer["bytecode"].items()):
                continue
            equal = False
            if killer := self._failing(answer["bytecode"], tests):
                return "killed", short(killer)
        return ("equal" if equal else "survived"), ""

    def _failing(self, mutated: dict[str, list[str]], tests: list[str]) -> str:
        """The first test that fails with this bytecode; empty if none does."""
        try:
            self._install(mutated)
            failed: str = self._run(tests)["failed"]
        finally:
            self._install({name: self.bytecode[name] for name in mutated})
        return failed

    def _order(self, file: str, kills: Iterable[tuple[str, str]]) -> list[str]:
        """Tests for the budget, by kills to expect in a second."""
        expected: Counter[str] = Counter()
        for other, test in kills:
            expected[test] += NEIGHBOUR if other == file else 1

        def worth(test: str) -> float:
            return (expected[short(test)] + UNTRIED) / (self.seconds[test] + OVERHEAD_S)

        order = sorted(self.tests, key=worth, reverse=True)
        used_s = accumulate(self.seconds[test] for test in order)
        return [test for test, sum_s in zip(order, used_s, strict=True) if sum_s <= self.budget_s]

    def _checked(self) -> dict[str, float]:
        """CPU time of each test without any mutant; exits if one fails.

        Not measured again where nothing has changed since.
        """
        digest = hashlib.sha256(self.build.encode())
        watched = [*CONTRACTS.glob("*.sol"), *HERE.glob("mutant_*")]
        watched += [p for name in ("tests", "p2p_cosim") for p in (ROOT / name).rglob("*.py")]
        for path in sorted(watched):
            digest.update(path.read_bytes())
        kept = ROOT / "build" / "mutants" / f"{digest.hexdigest()[:16]}.json"
        if not kept.exists():
            found = self._run(self.tests)
            if found["failed"]:
                sys.exit(f"{found['failed']} fails without any mutant")
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(found["seconds"]), encoding="utf-8")
        seconds: dict[str, float] = json.loads(kept.read_text(encoding="utf-8"))
        return seconds

    def _run(self, order: list[str]) -> dict[str, Any]:
        """As mutant_tests.py answers."""
        limits_s = {t: max(LEAST_PATIENCE_S, PATIENCE * s) for t, s in self.seconds.items()}
        found: dict[str, Any] = self._tests.ask({"order": order, "limits_s": limits_s})
        return found

    def _compile(self, sources: dict[str, str], names: Iterable[str]) -> dict[str, Any]:
        asked = {"sources": sources, "contracts": list(names), "settings": SETTINGS[self.build]}
        answer: dict[str, Any] = self._compiler.ask(asked)
        return answer

    def _artifact(self, name: str) -> tuple[dict[str, Any], list[str]]:
        path = self.folder / ARTIFACTS / f"{name}.json"
        artifact = json.loads(path.read_text(encoding="utf-8"))
        return artifact, [artifact["bytecode"], artifact["deployedBytecode"]]

    def _install(self, bytecode: dict[str, list[str]]) -> None:
        for name, (init, deployed) in bytecode.items():
            artifact, _ = self._artifact(name)
            artifact |= {"bytecode": init, "deployedBytecode": deployed}
            path = self.folder / ARTIFACTS / f"{name}.json"
            path.write_text(json.dumps(artifact), encoding="utf-8")
