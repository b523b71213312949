"""viem and ethers get from a served run what they get from anvil."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from chains import PROBE, find_node
from site_of_run import Site
from wallet import wallet

import p2p_cosim as p2p
from p2p_cosim.chain.jsonrpc.anvil import find_anvil
from p2p_cosim.chain.jsonrpc.client import RpcClient
from p2p_cosim.chain.jsonrpc.process import free_port, listens, start_guarded, stop

HERE = Path(__file__).parent / "libraries"
ALICE, BOB = wallet("alice"), wallet("bob")
LIBRARIES = ("ethers", "viem")
Told = dict[str, dict[str, Any]]

# Fields of anvil alone, by all that it answers, and of ours alone.
OF_ONE = {"blockTimestamp", "totalDifficulty", "authorizationList", "blobGasPrice"}
SAME = ("status", "gasUsed", "type", "typeHex", "from", "to", "input", "logsBloom", "nonce")
"""Fields that have the same value on both."""

QUANTITIES = {"r", "s"}
"""Without leading zeros, so that their length is chance."""

COUNTED = {"logs", "logs of an owner", "new logs", "all logs of a filter", "watched", "heard"}
LEAST_CHECKS = {"ethers": 50, "viem": 70}


@pytest.fixture(scope="module")
def anvil() -> Callable[[str], Told]:
    """What a library tells of an anvil of its own."""

    @cache
    def told(library: str) -> Told:
        port = free_port()
        options = ["--chain-id", "8123456", "--hardfork", "prague", "--base-fee", "0"]
        options += ["--no-mining", "--quiet", "--port", str(port)]
        process = start_guarded([find_anvil(), *options])
        assert listens(process, port)
        url = f"http://127.0.0.1:{port}"
        client = RpcClient(url)
        client.call("anvil_setBalance", ALICE.address, hex(10**19))
        mine = {"jsonrpc": "2.0", "id": 1, "method": "evm_mine", "params": []}
        client.call("evm_mine")
        try:
            return run(library, url, 8_123_456, {"url": url, "body": mine})
        finally:
            client.close()
            stop(process)

    return told


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Told]:
    """What a library tells of a served run of its own."""
    day = {"name": "tried", "houses": {"count": 2, "sites": ["652.A"]}, "clock": {"ticks": 12}}

    @cache
    def told(library: str) -> Told:
        out = tmp_path_factory.mktemp("served")
        with Site(p2p.Scenario.model_validate(day), out) as site:
            site.post("faucet", address=ALICE.address)
            site.step()
            step = {"url": f"{site.url}/api/control", "body": {"action": "step"}}
            return run(library, f"{site.url}/rpc", site.session.chain_id, step)

    return told


def run(library: str, url: str, chain_id: int, step: dict[str, Any]) -> Told:
    """All checks of a library, in a Node of its own."""
    world = {
        "url": url,
        "chainId": chain_id,
        "key": ALICE.key.to_0x_hex(),
        "bob": BOB.address,
        "probe": {"abi": PROBE.abi, "bytecode": "0x" + PROBE.bytecode.hex()},
        "step": step,
    }
    done = subprocess.run(
        [find_node(), HERE / f"{library}.mjs"],
        input=json.dumps(world),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: Told = json.loads(done.stdout)
    return told


def shape(value: Any) -> Any:
    """Types and keys, and the length of hex that is an address, a hash or a bloom filter."""
    if isinstance(value, dict):
        kept = {name: each for name, each in sorted(value.items()) if name not in OF_ONE}
        return {n: "hex" if n in QUANTITIES else shape(each) for n, each in kept.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, str) and value.startswith("0x"):
        return f"hex of {len(value)}" if len(value) in (42, 66, 514) else "hex"
    if isinstance(value, str) and re.fullmatch(r"\d+n", value):
        return "bigint"
    return "number" if isinstance(value, int | float) else type(value).__name__


def same_values(mine: Any, theirs: Any, where: str = "") -> None:
    """Fields that tell what a transaction did."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for name in mine.keys() & theirs.keys():
            if name in SAME and "from" in mine:
                assert mine[name] == theirs[name], (where, name)
            same_values(mine[name], theirs[name], f"{where}.{name}")


def meaning(error: Any) -> Any:
    """What a caller acts on; not how a refusal was numbered, or which call of a library met it."""
    names = error.get("names")
    if names is None:
        return error
    ways = ("RpcError", "RequestError", "ExecutionError")
    kinds = {name for name in names if name and not name.endswith(ways)}
    return {"kinds": kinds, "reverted": error["reverted"]}


# What geth does, and anvil otherwise: the words for a method that there is not, by which ethers
# knows it, and no hash, miner and nonce of a block that is not yet one.
AS_GETH = {("ethers", "no such method"), ("viem", "block that waits")}


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_gets_what_anvil_gives_it(
    library: str, ours: Callable[[str], Told], anvil: Callable[[str], Told]
) -> None:
    mine, theirs = ours(library), anvil(library)
    assert mine.keys() == theirs.keys()
    for name in mine.keys() - {name for of, name in AS_GETH if of == library}:
        assert mine[name].keys() == theirs[name].keys(), (name, mine[name], theirs[name])
        if "error" in mine[name]:
            assert meaning(mine[name]["error"]) == meaning(theirs[name]["error"]), name
            continue
        assert shape(mine[name]["value"]) == shape(theirs[name]["value"]), name
        same_values(mine[name]["value"], theirs[name]["value"], name)
    assert len(mine) > LEAST_CHECKS[library]
    for name in ("error of the contract", "panic"):
        assert mine[name]["error"]["reverted"], name
    for name in COUNTED & mine.keys():
        assert len(mine[name]["value"]) == len(theirs[name]["value"]) > 0, name
    for name in ("typed data verified", "read together", "estimated"):
        assert mine[name] == theirs[name], name


def test_what_is_geths_is_geths(ours: Callable[[str], Told]) -> None:
    assert ours("ethers")["no such method"]["error"]["code"] == "UNSUPPORTED_OPERATION"
    waits = ours("viem")["block that waits"]["value"]
    assert (waits["hash"], waits["miner"], waits["nonce"]) == (None, None, None)
    assert len(waits["transactions"]) == 6
