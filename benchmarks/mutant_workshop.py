"""Where mutants are compiled and meet the tests: a copy of the project in a folder of its own.

Two builds. *Fast*: the compiler's older pipeline, optimised for size, which builds in seconds;
at the shipped settings it makes init code that is too long to deploy. *IR*: the settings of the
artifacts, as they ship, in half a minute. A copy compiles one mutant at a time.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from mutant_places import CONTRACTS, INTERFACE, Mutant

ROOT = CONTRACTS.parent
COMPILER = Path(__file__).with_name("mutant_compiler.mjs")
ARTIFACTS = Path("p2p_cosim/chain/artifacts")
COPIED = ("p2p_cosim", "tests", "scenarios", "pyproject.toml")
LEFT_OUT = ("node_modules", "__pycache__", "build", ".hypothesis")
TIME_LIMIT_S = 600
"""A test that takes longer counts as a kill: the mutant loops for ever."""

FAST, IR = "fast", "ir"
SETTINGS: dict[str, dict[str, Any]] = {
    FAST: {"viaIR": False, "optimizer": {"enabled": True, "runs": 1}},
    IR: {},
}
# A kill needs one failing example, not the smallest.
PROFILE = """from hypothesis import Phase, settings

settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate))
settings.load_profile("mutants")
"""

MARKETS = ("OpenMarket", "SealedMarket")
RULES = ("KDoubleAuction", "Walrasian", "PayAsBid", "McAfee", "ContinuousDoubleAuction")
DEPLOYED = (*MARKETS, "DualPrice", *RULES)
# The files of tests that a mutant of a contract meets first, below tests/. The others follow.
UNIT = "unit/market/test_contract_"
FIRST_TESTS = {
    "Claims": ("siblings", "exploits_of_time"),
    "Clearing": ("clearing", "exploits_of_time"),
    "DualPrice": ("settlement", "exploits_of_settlement"),
    "EnergyMarket": ("settlement", "siblings"),
    "Ledger": ("settlement", "exploits_of_settlement"),
    "MarketRules": ("errors", "exploits_of_time"),
    "Money": ("receivers", "settlement"),
    "OpenMarket": ("signed", "exploits_of_orders"),
    "OrderBook": ("errors", "exploits_of_orders", "seams"),
    "Packed": ("logs", "settlement"),
    "PackedOrder": ("clearing", "signed"),
    "PackedPair": ("clearing",),
    "SealedMarket": ("sealed",),
    "Settlement": ("settlement", "exploits_of_settlement"),
    "SignedOrder": ("signed",),
}
OF_RULES = "oracles/test_rules_against_reference.py"
OF_SIGNATURES = "oracles/test_signatures_against_eth_account.py"
# Any change at all would fail these.
NO_BEHAVIOUR = ("test_contract_artifact.py", "test_gas_snapshot.py")


def behaviour_tests() -> list[str]:
    """Files of the market's tests below tests/, quick ones first."""
    tests = ROOT / "tests"
    unit = sorted((tests / "unit" / "market").glob("test_*.py"))
    found = [path for path in unit if "contract" in path.name]
    found += [path for path in unit if "onchain" in path.name]
    found += sorted((tests / "oracles").glob("test_contract_*.py"))
    names = [str(p.relative_to(tests)) for p in found if p.name not in NO_BEHAVIOUR]
    return [*names, OF_RULES, OF_SIGNATURES]


def tests_for(file: str) -> tuple[list[str], list[str]]:
    """The same files: those of this contract, and the others."""
    name = file.removesuffix(".sol")
    first = [f"{UNIT}{test}.py" for test in FIRST_TESTS.get(name, ())] or [OF_RULES]
    return first, [test for test in behaviour_tests() if test not in first]


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


class Workshop:
    """A copy of the project, in which the contracts are compiled as `build` says."""

    def __init__(self, folder: Path, build: str) -> None:
        self.folder, self.build = folder, build
        for name in COPIED:
            source, target = ROOT / name, folder / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns(*LEFT_OUT))
            else:
                shutil.copy(source, target)
        (folder / "mutants_profile.py").write_text(PROFILE, encoding="utf-8")
        self.sources = {p.name: p.read_text(encoding="utf-8") for p in CONTRACTS.glob("*.sol")}
        self._compiler = subprocess.Popen(
            [
                shutil.which("node") or "node",
                str(Path(__file__).with_name("mutant_compiler.mjs")),
                str(CONTRACTS),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if build == IR:  # the artifacts are what this would make
            self.bytecode = {name: self._artifact(name)[1] for name in DEPLOYED}
            return
        answer = self._compile(self.sources, DEPLOYED)
        if "error" in answer:
            sys.exit(f"the contracts do not compile without any mutant: {answer['error']}")
        self.bytecode = answer["bytecode"]
        self._install(self.bytecode)

    def close(self) -> None:
        """End the compiler."""
        if self._compiler.stdin:
            self._compiler.stdin.close()
        self._compiler.wait()

    def verdict(self, mutant: Mutant) -> tuple[str, str]:
        """`invalid`, `equal` (bytecode), `killed` or `survived`; and the test that killed.

        Its own tests need no sealed market, which is compiled where they let the mutant live.
        """
        changed = self.sources | {mutant.file: mutant.apply(self.sources[mutant.file])}
        names = built_from(mutant.file)
        later = ["SealedMarket"] if len(names) > 1 and "SealedMarket" in names else []
        first, others = tests_for(mutant.file)
        mutated: dict[str, list[str]] = {}
        for part, tests in (([n for n in names if n not in later], first), (later, others)):
            answer = self._compile(changed, part) if part else {"bytecode": {}}
            if "error" in answer:
                return "invalid", ""
            mutated |= answer["bytecode"]
            if all(self.bytecode[name] == code for name, code in mutated.items()):
                continue
            self.check(tests)
            try:
                self._install(mutated)
                killer = self.failing_test(tests)
            finally:
                self._install({name: self.bytecode[name] for name in mutated})
            if killer:
                return "killed", killer
        equal = all(self.bytecode[name] == code for name, code in mutated.items())
        return ("equal" if equal else "survived"), ""

    def check(self, tests: list[str]) -> None:
        """Exit if one fails without any mutant; not again where nothing has changed since."""
        digest = hashlib.sha256(" ".join([self.build, *tests]).encode())
        for path in sorted([*CONTRACTS.glob("*.sol"), *(ROOT / "tests").rglob("*.py")]):
            digest.update(path.read_bytes())
        passed = ROOT / "build" / "mutants" / digest.hexdigest()
        if passed.exists():
            return
        if failing := self.failing_test(tests):
            sys.exit(f"{failing} fails without any mutant")
        passed.parent.mkdir(parents=True, exist_ok=True)
        passed.touch()

    def failing_test(self, tests: list[str]) -> str:
        """The first test that fails with what is installed; empty if none does."""
        options = ("-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-p", "mutants_profile")
        options += ("--hypothesis-seed=0", "--tb=no", "-rfE")
        paths = [f"tests/{test}" for test in tests]
        command = [sys.executable, "-m", "pytest", *options, *paths]
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                capture_output=True,
                text=True,
                timeout=TIME_LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"no end in {TIME_LIMIT_S} s"
        if done.returncode == 0:
            return ""
        named = re.search(r"^(?:FAILED|ERROR) tests/(?:\w+/)*([\w.]+(?:::\w+)*)", done.stdout, re.M)
        return named.group(1) if named else f"exit code {done.returncode}"

    def _compile(self, sources: dict[str, str], names: Any) -> dict[str, Any]:
        stdin, stdout = self._compiler.stdin, self._compiler.stdout
        assert stdin
        assert stdout
        asked = {"sources": sources, "contracts": list(names), "settings": SETTINGS[self.build]}
        stdin.write(json.dumps(asked) + "\n")
        stdin.flush()
        answer: dict[str, Any] = json.loads(stdout.readline())
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
