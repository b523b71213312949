"""Check the contracts with forge, slither and halmos, as far as each is installed.

    python tests/forge/security.py            all of it
    python tests/forge/security.py --short    without slither, and proofs for as long as they fit
    python tests/forge/security.py --proof check_digest    that proof alone

The contracts are built as they ship. Each check is told with its minutes; one that cannot run is
told as NOT RUN, with the reason. A proof is a function of a contract in tests/forge/proofs, about
parts of the contracts, or in tests/forge/rounds, about a market as it ships. It has three minutes,
there fifteen, and one that stopped at a bound is none. In the short form those of a market are left
out, and a proof that has not ended is told and is no failure, because the machine may be slow. The
exit code is 1 if a check failed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TOOLS = ROOT / ".venv-security" / "bin"  # slither and halmos
BUILD_LIMIT_S, TEST_LIMIT_S, PROOF_LIMIT_S = 900, 1_800, 180
SHORT_PROOFS_S = 240  # for all of them, in the short form
LIMITS_S = {"proofs": PROOF_LIMIT_S, "rounds": 900}  # by folder, which is a profile of forge too
HALMOS = ("halmos", "--loop", "12", "--solver-timeout-branching", "50")
SOLVERS = {
    "proofs": ("--solver-timeout-assertion", "170000"),
    "rounds": (
        *("--solver-timeout-assertion", "600000"),
        *("--solver-command", f"{TOOLS / 'python'} {HERE / 'solver.py'}"),
    ),
}
# Halmos goes on with the last build where the compiler fails.
NO_PROOF = ("[FAIL]", "[ERROR]", "[TIMEOUT]", "not been fully", "No tests", "Compiler run failed")


@dataclass
class Report:
    """What was run, and how it ended."""

    lines: list[str] = field(default_factory=list)
    failed: bool = False

    def tell(self, name: str, verdict: str, seconds: float | None = None) -> None:
        """Print a line and keep it for the end."""
        minutes = "" if seconds is None else f", {seconds / 60:.1f} min"
        self.lines.append(f"{name}: {verdict}{minutes}")
        print(f"== {self.lines[-1]}", flush=True)


def tools(profile: str = "default") -> dict[str, str]:
    """The environment in which forge finds the pinned compiler, and halmos finds forge."""
    folders = [str(TOOLS), str(ROOT / ".venv" / "bin"), str(ROOT / "contracts/node_modules/.bin")]
    return os.environ | {
        "PATH": os.pathsep.join([*folders, os.environ["PATH"]]),
        "FOUNDRY_SOLC": str(HERE / "solc.mjs"),
        "FOUNDRY_OFFLINE": "true",
        "FOUNDRY_PROFILE": profile,
    }


def run(
    report: Report, name: str, command: list[str], limit_s: float, profile: str = "default"
) -> bool:
    """Run it here, within the limit, and tell how it ended."""
    if not shutil.which(command[0], path=tools()["PATH"]):
        report.tell(name, f"NOT RUN: {command[0]} is not installed")
        return False
    begun = time.monotonic()
    proves = command[0] == "halmos"
    try:
        done = subprocess.run(
            command,
            cwd=HERE,
            env=tools(profile),
            timeout=limit_s,
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except subprocess.TimeoutExpired:
        report.tell(name, f"has not ended in {limit_s:.0f} s", time.monotonic() - begun)
        report.failed |= not proves or limit_s >= PROOF_LIMIT_S
        return False
    unproved = proves and any(word in done.stdout for word in NO_PROOF)
    good = done.returncode == 0 and not unproved
    if not good or not proves:
        print(done.stdout, flush=True)
    report.tell(name, "passed" if good else "FAILED", time.monotonic() - begun)
    report.failed |= not good
    return good


def proofs(folder: str) -> list[tuple[str, str]]:
    """(contract, function) of every proof of the folder."""
    return [
        (path.name.removesuffix(".t.sol"), function)
        for path in sorted((HERE / folder).glob("*.t.sol"))
        for function in re.findall(r"function (check_\w+)", path.read_text(encoding="utf-8"))
    ]


def prove(report: Report, folder: str, contract: str, function: str, limit_s: float) -> None:
    """Have halmos prove one of them."""
    if limit_s < 1:
        report.tell(f"halmos {contract}.{function}", "NOT RUN: no time left in the short form")
        return
    what = ["--contract", contract, "--match-test", f"^{function}\\("]
    command = [*HALMOS, "--forge-build-out", f"build/{folder}", *SOLVERS[folder], *what]
    run(report, f"halmos {contract}.{function}", command, limit_s, folder)


def copy_sources() -> None:
    """Put the contracts where forge looks for them."""
    shutil.rmtree(HERE / "src", ignore_errors=True)
    (HERE / "src").mkdir()
    for path in (ROOT / "contracts").glob("*.sol"):
        shutil.copy(path, HERE / "src")


def check(report: Report, short: bool) -> None:
    """Build from scratch, which slither needs; forge's tests; slither."""
    shutil.rmtree(HERE / "build", ignore_errors=True)
    if not run(report, "forge build", ["forge", "build", "--build-info"], BUILD_LIMIT_S):
        report.tell("forge test", "NOT RUN: there is no build")
        report.tell("slither", "NOT RUN: there is no build")
        return
    run(report, "forge test", ["forge", "test"], TEST_LIMIT_S)
    if short:
        report.tell("slither", "NOT RUN: left out of the short form")
    elif (TOOLS / "slither").exists():
        run(report, "slither", [sys.executable, "slither.py"], TEST_LIMIT_S)
    else:
        report.tell("slither", "NOT RUN: slither is not installed")


def main() -> int:
    """Run them one after the other."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="without slither; some proofs")
    parser.add_argument("--proof", help="only this proof")
    options = parser.parse_args()
    report = Report()
    copy_sources()
    if not options.proof:
        check(report, options.short)
    until = time.monotonic() + SHORT_PROOFS_S
    for folder, limit_s in LIMITS_S.items():
        if options.short and folder == "rounds":
            report.tell(f"halmos {folder}", "NOT RUN: left out of the short form")
            continue
        for contract, function in proofs(folder):
            if options.proof in (None, function):
                left_s = min(limit_s - 1, until - time.monotonic())
                prove(report, folder, contract, function, left_s if options.short else limit_s)
    print("\n".join(["", *report.lines]))
    return int(report.failed or not report.lines)


if __name__ == "__main__":
    sys.exit(main())
