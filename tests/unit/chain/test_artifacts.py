import json
from hashlib import sha256
from pathlib import Path

import pytest

from p2p_cosim.chain.artifact import load_artifact, parse_artifact
from p2p_cosim.chain.contract import deploy
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.core.errors import ChainError

FIXTURES = Path(__file__).parents[2] / "fixtures"
TEXT = (FIXTURES / "Probe.json").read_text()


def test_an_artifact_carries_everything_that_made_it() -> None:
    artifact = parse_artifact(TEXT, "Probe.json")
    assert artifact.name == "Probe"
    assert artifact.compiler.version.startswith("0.8.37")
    assert artifact.compiler.settings["evmVersion"] == "cancun"
    assert artifact.deployed_bytecode[:4] == bytes.fromhex("60806040")
    assert artifact.bytecode_hash == sha256(artifact.bytecode).hexdigest()


def test_who_changes_the_abi_of_a_contract_changes_no_other_s() -> None:
    """An artifact is read once a process."""
    chain = GeneratedChain()
    alice = chain.account("alice")
    first = deploy(chain, load_artifact("DualPrice"), [], alice)
    assert isinstance(first.abi, list)
    first.abi[0]["type"] = "event"
    second = deploy(chain, load_artifact("DualPrice"), [], alice)
    assert second.abi == load_artifact("DualPrice").abi != first.abi
    assert second.functions == first.functions


def test_the_fixture_was_compiled_from_its_source() -> None:
    source = (FIXTURES / "Probe.sol").read_bytes()
    assert parse_artifact(TEXT, "").source_sha256 == sha256(source).hexdigest()


def test_an_unknown_name_lists_what_ships() -> None:
    with pytest.raises(ChainError, match="no artifact 'Nothing': the package ships"):
        load_artifact("Nothing")


@pytest.mark.parametrize("key", list(json.loads(TEXT)))
def test_a_missing_key_is_named(key: str) -> None:
    raw = {k: v for k, v in json.loads(TEXT).items() if k != key}
    with pytest.raises(ChainError, match=f"artifact here.json is damaged .*{key}"):
        parse_artifact(json.dumps(raw), "here.json")


@pytest.mark.parametrize("text", ["{", "[]", TEXT.replace('"0x6', '"0x_', 1)])
def test_damaged_text_is_refused(text: str) -> None:
    with pytest.raises(ChainError, match="compile it again"):
        parse_artifact(text, "here.json")
