"""The Hardhat project in contracts/: it compiles to the committed bytes, and its tests pass."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from chains import CONTRACTS, HARDHAT_ENV, find_node

from p2p_cosim.chain.artifact import load_artifact
from p2p_cosim.chain.rules import BLOCK_GAS_LIMIT, CHAIN_ID, FORK


@pytest.fixture(scope="module")
def tested():
    """The output of `npx hardhat test`, which compiles first."""
    program = CONTRACTS / "node_modules/hardhat/dist/src/cli.js"
    run = subprocess.run(
        [find_node(), program, "test"],
        cwd=CONTRACTS,
        env=HARDHAT_ENV | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_its_tests_pass(tested):
    assert "testFuzz_SortsLikeInsertion(uint256[]) (runs: 256)" in tested
    assert "failing" not in tested


def test_it_compiles_to_the_committed_bytes(tested):
    committed = load_artifact("DualPrice")
    path = CONTRACTS / "build/artifacts/DualPrice.sol/DualPrice.json"
    compiled = json.loads(path.read_text(encoding="utf-8"))
    assert compiled["bytecode"] == "0x" + committed.bytecode.hex()
    assert compiled["deployedBytecode"] == "0x" + committed.deployed_bytecode.hex()
    assert compiled["abi"] == list(committed.abi)


def test_its_node_has_our_rules():
    config = (CONTRACTS / "hardhat.config.js").read_text(encoding="utf-8")
    exponent = BLOCK_GAS_LIMIT.bit_length() - 1
    for line in (
        f"chainId: {CHAIN_ID},",
        f'hardfork: "{FORK}",',
        f"blockGasLimit: 2 ** {exponent},",
    ):
        assert line in config
