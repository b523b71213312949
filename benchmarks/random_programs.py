"""Random programs on the default chain, generated and interpreted, against py-evm.

    python benchmarks/random_programs.py 10000

compares receipts, and the state root after each program, because a wrong stored word shows in
the root alone. CI runs a few (tests/oracles/test_generated_against_pyevm.py).
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np

from p2p_cosim.chain.pyevm import PyEvmChain
from p2p_cosim.core.types import Receipt

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from random_programs import MAKERS, random_program, run

PROGRAMS_A_CHAIN = 25


def main() -> int:
    """Compare as many programs as asked for; exit code 1 if one differs."""
    warnings.filterwarnings("ignore", message="SELFDESTRUCT")
    count, different, successes = int(sys.argv[1]), 0, 0
    for seed in range(count // PROGRAMS_A_CHAIN):
        rng = np.random.default_rng(seed)
        programs = [random_program(rng) for _ in range(PROGRAMS_A_CHAIN)]
        expected = run(PyEvmChain(), programs, seed)
        successes += sum(seen.status for seen in expected if isinstance(seen, Receipt))
        for make in MAKERS:
            seen = run(make(), programs, seed)
            if seen != expected:
                different += 1
                place = [a == b for a, b in zip(seen, expected, strict=True)].index(False)
                code = programs[place // 3].hex()
                print(f"seed {seed}: {make.__name__} differs at {place}: {code}")
    print(f"{count} programs, {successes} transactions succeeded, {different} chains differ")
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
