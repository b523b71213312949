"""What a served run answers to wallets has the shape of what anvil answers."""

import sys
from pathlib import Path

import pytest
import requests

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from served import HOST, Rpc, scenario
from starlette.testclient import TestClient
from wallet import signed, wallet

from p2p_cosim.chain.accounts import checksum_address
from p2p_cosim.chain.jsonrpc.anvil import find_anvil
from p2p_cosim.chain.jsonrpc.process import free_port, listens, start_guarded, stop
from p2p_cosim.dapp.app import app_of
from p2p_cosim.dapp.session import Session
from p2p_cosim.dapp.thread import in_simulation_thread

ALICE, BOB = wallet("alice"), wallet("bob")
CHAIN_ID = 8_123_456
SILENT = "0x5f5ffd"  # as init code: reverts without data
# Emits one log with a topic, and answers 32 bytes; reverts with data when it is sent any.
RUNTIME = "3615600d5760aa5f5260205ffd5b602a5f52600760205fa160205ff3"
BAD_HASH = "0x" + "12" * 32

# Fields that only one of the two has: anvil's own, and those newer than its release.
OURS_ALONE = {"blockTimestamp"}
ANVILS_ALONE = {"totalDifficulty", "blockTimestamp", "authorizationList", "blobGasPrice"}


class Node:
    """Anvil, by the same calls as `served.Rpc`."""

    def __init__(self, url):
        self.url = url

    def ask(self, method, *params):
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        return requests.post(self.url, json=body, timeout=20).json()

    def __call__(self, method, *params):
        answer = self.ask(method, *params)
        assert "error" not in answer, answer
        return answer["result"]


def init_code():
    size = len(RUNTIME) // 2
    return bytes.fromhex(f"60{size:02x}600a5f3960{size:02x}5ff3" + RUNTIME)


@pytest.fixture(scope="module")
def anvil():
    port = free_port()
    options = (
        "--chain-id",
        str(CHAIN_ID),
        "--hardfork",
        "prague",
        "--base-fee",
        "0",
        "--quiet",
        "--no-mining",
    )
    process = start_guarded([find_anvil(), *options, "--port", str(port)])
    assert listens(process, port)
    node = Node(f"http://127.0.0.1:{port}")
    node("anvil_setBalance", ALICE.address, hex(10**19))
    node("evm_mine")
    prepare(node, lambda: node("evm_mine"))
    yield node
    stop(process)


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    session = in_simulation_thread(
        lambda: Session(scenario(), tmp_path_factory.mktemp("served"), CHAIN_ID)
    )
    with TestClient(app_of(session, port=8000), base_url=f"http://{HOST}") as client:
        rpc = Rpc(client)
        client.post("/api/faucet", json={"address": ALICE.address})
        prepare(rpc, lambda: client.post("/api/control", json={"action": "step"}))
        yield rpc


def prepare(node, step):
    """A contract, a call to it of every type, and a plain payment, each in a block."""
    created = send(node, 0, data=init_code(), to=b"")
    step()
    created_at = node("eth_getTransactionReceipt", created)["contractAddress"]
    node.contract = checksum_address(created_at)
    node.hashes = {"creation": created}
    kinds = {"legacy": {"gasPrice": 2}, "list": {"gasPrice": 2, "accessList": []}, "fee": {}}
    for nonce, (kind, fields) in enumerate(kinds.items(), start=1):
        node.hashes[kind] = send(node, nonce, to=node.contract, **fields)
    node.hashes["payment"] = send(node, 4, to=BOB.address, value=1)
    step()
    node.block = node("eth_getTransactionReceipt", node.hashes["legacy"])["blockHash"]


def send(node, nonce, to, **fields):
    raw = signed(ALICE, CHAIN_ID, nonce, to=to, **fields)
    return node("eth_sendRawTransaction", "0x" + raw.hex())


CASES = {
    "chain id": ("eth_chainId",),
    "version": ("net_version",),
    "listening": ("net_listening",),
    "client": ("web3_clientVersion",),
    "hash": ("web3_sha3", "0x00"),
    "syncing": ("eth_syncing",),
    "gas price": ("eth_gasPrice",),
    "tip": ("eth_maxPriorityFeePerGas",),
    "blob fee": ("eth_blobBaseFee",),
    "number": ("eth_blockNumber",),
    "balance": ("eth_getBalance", ALICE.address, "latest"),
    "balance pending": ("eth_getBalance", ALICE.address, "pending"),
    "nonce": ("eth_getTransactionCount", ALICE.address, "latest"),
    "nonce pending": ("eth_getTransactionCount", ALICE.address, "pending"),
    "no code": ("eth_getCode", BOB.address, "latest"),
    "code": ("eth_getCode", "CONTRACT", "latest"),
    "block": ("eth_getBlockByNumber", "latest", False),
    "whole block": ("eth_getBlockByHash", "BLOCK", True),
    "block by hash": ("eth_getBlockByHash", "BLOCK", False),
    "no block": ("eth_getBlockByNumber", "0xffffff", False),
    "no block by hash": ("eth_getBlockByHash", BAD_HASH, False),
    "count": ("eth_getBlockTransactionCountByHash", "BLOCK"),
    "receipts": ("eth_getBlockReceipts", "BLOCK"),
    "in block": ("eth_getTransactionByBlockHashAndIndex", "BLOCK", "0x0"),
    "not in block": ("eth_getTransactionByBlockHashAndIndex", "BLOCK", "0xff"),
    "no transaction": ("eth_getTransactionByHash", BAD_HASH),
    "no receipt": ("eth_getTransactionReceipt", BAD_HASH),
    **{
        f"{what} {kind}": (method, kind.upper())
        for kind in ("creation", "legacy", "list", "fee", "payment")
        for what, method in (
            ("transaction", "eth_getTransactionByHash"),
            ("receipt", "eth_getTransactionReceipt"),
        )
    },
    "logs": ("eth_getLogs", {"fromBlock": "earliest", "address": "CONTRACT"}),
    "logs of block": ("eth_getLogs", {"blockHash": "BLOCK"}),
    "no logs": ("eth_getLogs", {"fromBlock": "earliest", "topics": [BAD_HASH]}),
    "call": ("eth_call", {"to": "CONTRACT"}, "latest"),
    "call without tag": ("eth_call", {"to": "CONTRACT", "input": "0x"}),
    "revert": ("eth_call", {"to": "CONTRACT", "data": "0x01"}, "latest"),
    "revert without data": ("eth_call", {"data": SILENT}, "latest"),
    "estimate": ("eth_estimateGas", {"from": ALICE.address, "to": "CONTRACT"}),
    "estimate revert": ("eth_estimateGas", {"to": "CONTRACT", "data": "0x01"}),
    "fees": ("eth_feeHistory", "0x2", "latest", [10, 90]),
    "unknown method": ("eth_noSuchThing",),
    "too few arguments": ("eth_getBalance",),
    "no address": ("eth_getBalance", "0x12", "latest"),
    "low nonce": ("eth_sendRawTransaction", "0x" + signed(ALICE, CHAIN_ID, 0, to=b"").hex()),
    "filter": ("eth_newFilter", {}),
    "block filter": ("eth_newBlockFilter",),
    "no filter": ("eth_getFilterChanges", "0x123456"),
}


def filled(node, value):
    """A case for one of the two: with its contract, block and transactions."""
    if isinstance(value, dict):
        return {key: filled(node, each) for key, each in value.items()}
    if isinstance(value, str):
        names = {"CONTRACT": node.contract, "BLOCK": node.block}
        return (names | {kind.upper(): hash_ for kind, hash_ in node.hashes.items()}).get(
            value, value
        )
    return value


def shape(value):
    """Types, the form of hex strings (a quantity, or data of a length), and all keys."""
    if isinstance(value, dict):
        gone = OURS_ALONE | ANVILS_ALONE
        return {key: shape(each) for key, each in sorted(value.items()) if key not in gone}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, str) and value.startswith("0x"):
        data = len(value) in (42, 66, 514) or len(value) > 66 or value == "0x"
        return f"data of {len(value)}" if data and len(value) in (42, 66, 514) else "hex"
    return "number" if isinstance(value, int | float) else type(value).__name__


@pytest.mark.parametrize("name", CASES)
def test_shape(name, ours, anvil):
    method, *params = CASES[name]
    mine = ours.ask(method, *(filled(ours, each) for each in params))
    theirs = anvil.ask(method, *(filled(anvil, each) for each in params))
    assert ("error" in mine) == ("error" in theirs), (mine, theirs)
    if "error" in mine:
        codes = mine["error"]["code"], theirs["error"]["code"]
        assert codes[0] == codes[1] or "filter" in name or "nonce" in name, (mine, theirs)
        assert mine["error"].get("data") == theirs["error"].get("data")
    else:
        assert shape(mine["result"]) == shape(theirs["result"])


def test_transactions_do_what_they_do_on_anvil(ours, anvil):
    for kind in ours.hashes:
        assert ours.hashes[kind] == anvil.hashes[kind]
        mine, theirs = (
            node("eth_getTransactionReceipt", node.hashes[kind]) for node in (ours, anvil)
        )
        for field in ("gasUsed", "status", "type", "effectiveGasPrice", "from", "to", "logsBloom"):
            assert mine[field] == theirs[field], (kind, field)
    for name in ("call", "estimate", "code"):
        method, *params = CASES[name]
        answers = [node(method, *(filled(node, each) for each in params)) for node in (ours, anvil)]
        assert answers[0] == answers[1], name
