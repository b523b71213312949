"""The committed artifact is what the committed sources compile to."""

import json
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from p2p_cosim.chain.artifact import load_artifact, parse_artifact
from p2p_cosim.core.limits import ENERGY_BITS, MAX_ORDERS, PRICE_BITS
from p2p_cosim.core.roles import MECHANISMS

ROOT = Path(__file__).parents[3]
CONTRACTS = ROOT / "contracts"
CODE_LIMIT = 24_576  # bytes, EIP-170
FIXTURES = [ROOT / "tests" / "fixtures" / f"{name}.json" for name in ("Receiver", "WrongRule")]


def source_hash(artifact, sources):
    digests = {path.name: sha256(path.read_bytes()).hexdigest() for path in sources}
    described = {"settings": artifact.compiler.settings, "sources": digests}
    return sha256(json.dumps(described, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def test_the_artifact_is_of_the_committed_sources():
    for name in (
        "OpenMarket",
        "SealedMarket",
        "DualPrice",
        *(facts.contract for facts in MECHANISMS.values()),
    ):
        artifact = load_artifact(name)
        assert artifact.source_sha256 == source_hash(artifact, CONTRACTS.glob("*.sol"))
        assert len(artifact.deployed_bytecode) <= CODE_LIMIT
    for path in FIXTURES:
        fixture = parse_artifact(path.read_text(encoding="utf-8"), path.name)
        assert fixture.source_sha256 == source_hash(fixture, [path.with_suffix(".sol")])


def test_one_compiler_version_everywhere():
    package = json.loads((CONTRACTS / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((CONTRACTS / "package-lock.json").read_text(encoding="utf-8"))
    version = package["devDependencies"]["solc"]
    assert lock["packages"]["node_modules/solc"]["version"] == version
    assert load_artifact().compiler.version.startswith(f"{version}+commit.")
    for source in CONTRACTS.glob("*.sol"):
        assert f"pragma solidity {version};" in source.read_text(encoding="utf-8")


def test_the_lock_names_no_registry():
    lock = json.loads((CONTRACTS / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []


def test_python_knows_the_limits_of_the_contract():
    source = (CONTRACTS / "MarketRules.sol").read_text(encoding="utf-8")
    assert f"MAX_ORDERS = {MAX_ORDERS};" in source
    types = (CONTRACTS / "IMarketTypes.sol").read_text(encoding="utf-8")
    assert f"type EnergyWh is uint{ENERGY_BITS};" in types
    assert f"type PriceWeiPerWh is uint{PRICE_BITS};" in types


def test_compiling_again_gives_the_same_bytes(tmp_path):
    node = shutil.which("node")
    if node is None or not (CONTRACTS / "node_modules" / "solc").is_dir():
        pytest.skip("needs Node and solc: run `make test`")
    script = CONTRACTS / "compile.mjs"
    check = subprocess.run(
        [node, script, "--check"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (check.returncode, check.stderr) == (0, "")
