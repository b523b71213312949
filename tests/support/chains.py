"""Every chain backend, and a contract with one of everything to try on it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from p2p_cosim.chain.artifact import parse_artifact
from p2p_cosim.chain.contract import Contract, deploy
from p2p_cosim.chain.ethtester import EthTesterChain
from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.chain.jsonrpc import AnvilChain, JsonRpcChain
from p2p_cosim.chain.jsonrpc.process import free_port, listens, start_guarded, stop
from p2p_cosim.chain.pyevm import PyEvmChain
from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.types import Receipt, Transaction

T0 = 1_750_000_000
LIMIT = 1000
ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "contracts"
PROBE = parse_artifact((ROOT / "tests/fixtures/Probe.json").read_text(), "Probe.json")

MAKE: dict[str, Callable[[int], Chain]] = {
    "generated": GeneratedChain,
    "pyevm": PyEvmChain,
    "open": lambda timestamp: OpenChain(GeneratedChain(timestamp)),
    "ethtester": EthTesterChain,
    "anvil": AnvilChain,
    "anvil_signed": lambda timestamp: AnvilChain(timestamp, sign=True),
}
BACKENDS = (*MAKE, "hardhat")


def make(backend: str, timestamp: int, hardhat_url: Callable[[], str]) -> Chain:
    """A fresh chain. All of Hardhat's share one node, which `close` leaves as it was."""
    if backend == "hardhat":
        return JsonRpcChain(hardhat_url(), timestamp)
    return MAKE[backend](timestamp)


@contextmanager
def hardhat_node() -> Iterator[str]:
    """The URL of a Hardhat node of the project in contracts/."""
    port = free_port()
    program = CONTRACTS / "node_modules/hardhat/dist/src/cli.js"
    arguments = ("node", "--hostname", "127.0.0.1", "--port", str(port))
    process = start_guarded([find_node(), str(program), *arguments], CONTRACTS, HARDHAT_ENV)
    try:
        assert listens(process, port), "hardhat node did not start: run 'make node'"
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)


HARDHAT_ENV = {**os.environ, "HARDHAT_DISABLE_TELEMETRY_PROMPT": "true"}


def find_node() -> str:
    """Node of this environment, which is new enough for Hardhat; PATH may have an older one."""
    folder = Path(sys.executable).parent
    node = shutil.which("node", path=f"{folder}{os.pathsep}{os.environ['PATH']}")
    assert node, "Node is missing: run 'make node'"
    return node


def deploy_probe(chain: Chain) -> Contract:
    owner = chain.account("owner")
    return deploy(chain, PROBE, [LIMIT, {"owner": owner, "amount": 3, "kind": 1}], owner)


def send(chain: Chain, *transactions: Transaction) -> list[Receipt]:
    return chain.transact_many(transactions)
