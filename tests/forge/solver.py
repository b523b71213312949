"""Answer a query of halmos: by cvc5 with words as integers, and where that takes long by yices.

    python tests/forge/solver.py QUERY.smt2

Sums of money are linear in unknown prices: over integers they take less than a second, and bit by
bit, which is how yices works, at 256 bits no end was seen. Fields cut out of words are the reverse.
Prints the answer as the solver does, with a model where there is one.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import cvc5

OPTIONS = {"produce-models": "true", "solve-bv-as-int": "iand", "iand-mode": "bitwise"}
CPU_S = 3  # for cvc5
YICES = (
    str(Path(sys.executable).with_name("yices-smt2")),
    *("--smt2-model-format", "--bvconst-in-decimal"),
)


def answer(query: str) -> None:
    """Print what cvc5 says to the commands of the file."""
    solver = cvc5.Solver()
    for name, value in OPTIONS.items():
        solver.setOption(name, value)
    parser = cvc5.InputParser(solver)
    parser.setFileInput(cvc5.InputLanguage.SMT_LIB_2_6, query)
    symbols = parser.getSymbolManager()
    while not (command := parser.nextCommand()).isNull():
        print(command.invoke(solver, symbols), end="", flush=True)


def main(query: str) -> None:
    """Print the first answer."""
    first = subprocess.run(
        [sys.executable, __file__, query, "cvc5"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S)),
    )
    if first.stdout.startswith(("sat", "unsat")):
        print(first.stdout)
    else:
        subprocess.run([*YICES, query], check=False)


if __name__ == "__main__":
    (answer if "cvc5" in sys.argv[2:] else main)(sys.argv[1])
