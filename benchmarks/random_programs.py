"""Random programs on the default chain, generated and interpreted, against py-evm.

    python benchmarks/random_programs.py 10000 [FIRST_SEED]

runs as many programs, and three contracts that call each other beside each 25 of them. It compares
receipts and state roots, because a wrong stored word shows in the root alone. CI runs a few
(tests/oracles/test_generated_against_pyevm.py, tests/oracles/test_calls_against_pyevm.py).
"""

from __future__ import annotations

import sys
import warnings
from functools import partial
from pathlib import Path

import numpy as np

from p2p_cosim.chain.pyevm import PyEvmChain
from p2p_cosim.core.types import Receipt

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from families import run_families
from random_programs import MAKERS, random_program, run

PROGRAMS_A_CHAIN = 25


def main() -> int:
    """Compare as many programs as asked for; exit code 1 if one differs."""
    warnings.filterwarnings("ignore", message="SELFDESTRUCT")
    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    different, successes = 0, 0
    for seed in range(first, first + count // PROGRAMS_A_CHAIN):
        rng = np.random.default_rng(seed)
        programs = [random_program(rng) for _ in range(PROGRAMS_A_CHAIN)]
        for what, execute in (
            ("programs", partial(run, programs=programs, seed=seed)),
            ("family", partial(run_families, count=1, seed=seed)),
        ):
            expected = execute(PyEvmChain())
            successes += sum(seen.status for seen in expected if isinstance(seen, Receipt))
            for make in MAKERS:
                seen = execute(make())
                if seen != expected:
                    different += 1
                    place = [a == b for a, b in zip(seen, expected, strict=True)].index(False)
                    code = programs[place // 3].hex() if what == "programs" else ""
                    print(f"seed {seed}: {what} on {make.__name__} differ at {place} {code}")
    print(f"{count} programs, {successes} transactions succeeded, {different} chains differ")
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
