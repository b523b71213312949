"""Random programs on the default chain against the execution specification of Ethereum.

    python -m venv specification
    specification/bin/pip install ethereum-execution
    python benchmarks/specification.py specification/bin/python 1000

The specification (https://github.com/ethereum/execution-specs) needs a coincurve that web3 does
not take, and so runs in an environment of its own, whose Python is the first argument. Compared
of every call are how it ends, the gas left and the refund, output, logs, and the state root after
it; of code that is generated, and interpreted.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from p2p_cosim.chain.generated.calls import call
from p2p_cosim.chain.generated.program import Entry, interpreted, program_of
from p2p_cosim.chain.generated.state import Account, Block, Substate, World, state_root

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from random_programs import GAS_LIMITS, MUCH_GAS, any_word, random_program

SENDER, CONTRACT = 0xA11CE << 80, 0xC0DE << 80
BLOCK = Block(1, 1_750_000_000, 2**30, 1, coinbase=0xC01B << 80, hashes={0: 7})
VALUE_WEI = 5
OTHER_SIDE = Path(__file__).with_name("specification_side.py")
Case = dict[str, Any]


def case(rng: np.random.Generator, gas: int) -> Case:
    """A call of a random program that has something stored."""
    storage = {str(slot): any_word(rng) or 1 for slot in range(3)}
    return {
        "world": {
            str(SENDER): [1, 10**18, "", {}],
            str(CONTRACT): [1, 1_000, random_program(rng).hex(), storage],
        },
        "block": [BLOCK.number, BLOCK.timestamp, BLOCK.gas_limit, BLOCK.chain_id, BLOCK.coinbase],
        "call": [SENDER, CONTRACT, VALUE_WEI, gas, rng.bytes(40).hex()],
    }


def ours(given: Case, entry: Callable[[bytes], Entry]) -> list[Any]:
    """What is compared, of the default chain."""
    world: World = {
        int(address): Account(
            nonce, wei, bytes.fromhex(code), {int(slot): word for slot, word in storage.items()}
        )
        for address, (nonce, wei, code, storage) in given["world"].items()
    }
    sender, to, value, gas, data = given["call"]
    tx = Substate(world, BLOCK, sender, entry)
    tx.warm.add(to)
    success, left, output = call(tx, sender, to, to, value, bytes.fromhex(data), gas)
    tx.finish()
    logs = [[address, list(topics), log.hex()] for address, topics, log in tx.logs]
    return [success, left, tx.refund, output.hex(), logs, state_root(world).hex()]


def generated(code: bytes) -> Entry:
    """Runs a code as generated functions."""
    return program_of(code).entry


def rehearse(given: Case) -> None:
    """Run a call with more gas and other data, and as it is: functions of it are written."""
    *call_, gas, data = given["call"]
    for more, calldata in ((MUCH_GAS + 1, data[::-1]), (MUCH_GAS, data), (0, data)):
        ours({**given, "call": [*call_, gas + more, calldata]}, generated)


def theirs(python: str, cases: list[Case]) -> Iterator[list[Any]]:
    """The same of the specification."""
    lines = "".join(json.dumps(given) + "\n" for given in cases)
    done = subprocess.run(
        [python, OTHER_SIDE], input=lines, stdout=subprocess.PIPE, text=True, check=True
    )
    return map(json.loads, done.stdout.splitlines())


def main() -> int:
    """Print the counts; exit code 1 if a call differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("python", help="of an environment that has ethereum-execution")
    parser.add_argument("programs", type=int)
    given = parser.parse_args()
    rng = np.random.default_rng(1)
    cases = [case(rng, GAS_LIMITS[n % len(GAS_LIMITS)]) for n in range(given.programs)]
    successes = different = 0
    for each, expected in zip(cases, theirs(given.python, cases), strict=True):
        successes += expected[0]
        rehearse(each)
        for entry in (interpreted, generated):
            seen = ours(each, entry)
            if seen != expected:
                different += 1
                print(f"{each}\n  specification {expected}\n  ours          {seen}")
    print(f"{len(cases)} programs, {successes} succeeded, {different} runs differ")
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
