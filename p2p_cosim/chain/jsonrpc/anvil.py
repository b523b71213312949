"""A local anvil for one run: found, started on a free loopback port, and always stopped."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from p2p_cosim.chain.accounts import GENESIS_TIMESTAMP
from p2p_cosim.chain.jsonrpc.chain import JsonRpcChain
from p2p_cosim.chain.jsonrpc.process import free_port, listens, start_guarded, stop
from p2p_cosim.chain.rules import BLOCK_GAS_LIMIT, CHAIN_ID, FORK
from p2p_cosim.core.errors import ChainError

_ATTEMPTS = 3  # another program may take the free port before anvil does
_CHECKOUT = Path(__file__).parents[3]

OPTIONS = (
    *("--hardfork", FORK, "--timestamp", "1"),
    *("--gas-limit", str(BLOCK_GAS_LIMIT), "--base-fee", "0", "--gas-price", "0"),
    *("--no-mining", "--order", "fifo", "--disable-pool-balance-checks"),
    *("--accounts", "0", "--disable-default-create2-deployer", "--no-request-size-limit"),
    *("--prune-history", "2", "--transaction-block-keeper", "4", "--quiet"),
)
"""Options of anvil for the rules of `chain.rules`, with an empty genesis.

Only the newest states and blocks are kept, which is what taking a block back needs; anvil
would keep all transactions, hundreds of states, and write the rest of them to disk.
"""


class AnvilChain(JsonRpcChain):
    """A chain on an anvil of its own, which `close` stops.

    timestamp: Unix seconds of the first block. chain_id: what CHAINID gives. sign: as for
    JsonRpcChain. Raises ChainError if there is no anvil, or it does not start.
    """

    def __init__(
        self,
        timestamp: int = GENESIS_TIMESTAMP,
        chain_id: int = CHAIN_ID,
        *,
        sign: bool | None = None,
    ) -> None:
        self._process, url = start_anvil(find_anvil(), chain_id)
        try:
            super().__init__(url, timestamp, chain_id=chain_id, sign=sign)
        except BaseException:
            stop(self._process)
            raise

    def __repr__(self) -> str:
        return f"AnvilChain(block={self.block_number}, timestamp={self.timestamp})"

    def close(self) -> None:
        """Stop anvil. Harmless a second time."""
        self._client.close()
        stop(self._process)


def find_anvil() -> str:
    """The anvil on PATH, or the one that `make node` installed.

    Raises ChainError if there is neither.
    """
    if found := shutil.which("anvil"):
        return found
    for folder in (Path(), _CHECKOUT):
        # The program itself: npm's launcher beside it needs a Node on PATH.
        for program in folder.glob("contracts/node_modules/@foundry-rs/anvil-*/bin/anvil*"):
            return str(program.resolve())
    raise ChainError(
        "anvil is neither on PATH nor installed in contracts/: run 'make node', or choose the "
        "backend 'generated', which needs nothing"
    )


def start_anvil(program: str, chain_id: int = CHAIN_ID) -> tuple[subprocess.Popen[bytes], str]:
    """A running anvil and its URL. It lives until `stop`, or until this process is gone.

    Raises ChainError if it does not answer in time.
    """
    for _ in range(_ATTEMPTS):
        port = free_port()
        options = (*OPTIONS, "--chain-id", str(chain_id), "--port", str(port))
        process = start_guarded([program, *options])
        if listens(process, port):
            return process, f"http://127.0.0.1:{port}"
        stop(process)
    raise ChainError(
        f"{program} does not listen on a loopback port: try '{program} --version'; anvil 1.7 is "
        "known to work, 'make node' installs it"
    )
