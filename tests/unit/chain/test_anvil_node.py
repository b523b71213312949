"""Nodes that will not do, and the life of the process."""

import os
import signal
import socket
import subprocess
import sys
from time import monotonic, sleep
from urllib.parse import urlsplit

import pytest

import p2p_cosim as p2p
from p2p_cosim.chain.jsonrpc import AnvilChain, JsonRpcChain, anvil
from p2p_cosim.chain.jsonrpc.process import free_port, listens, start_guarded, stop
from p2p_cosim.chain.rules import CHAIN_ID
from p2p_cosim.core.errors import ChainError, InputError
from p2p_cosim.core.types import Transaction

T0 = 1_750_000_000


@pytest.fixture
def node():
    """Starts an anvil with options of its own; gives its URL."""
    processes = []

    def start(*options):
        port = free_port()
        processes.append(start_guarded([anvil.find_anvil(), *options, "--port", str(port)]))
        assert listens(processes[-1], port)
        return f"http://127.0.0.1:{port}"

    yield start
    for process in processes:
        stop(process)


def is_listening(url):
    try:
        socket.create_connection(("127.0.0.1", urlsplit(url).port), timeout=1).close()
    except OSError:
        return False
    return True


def goes_away(url):
    """Whether nothing listens there any more, soon."""
    deadline = monotonic() + 20
    while is_listening(url) and monotonic() < deadline:
        sleep(0.01)
    return not is_listening(url)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), f"runs chain 31337, not {CHAIN_ID}: start it with that chain id"),
        (("--hardfork", "cancun"), "runs earlier rules than prague: .*--hardfork prague"),
        (("--hardfork", "osaka"), "runs later rules than prague"),
        (("--hardfork", "prague"), "newest block .* not before 1750000000.*--timestamp 1"),
    ],
)
def test_a_node_that_will_not_do_is_told_why(node, options, message):
    chain = ("--chain-id", str(CHAIN_ID)) if options else ()
    with pytest.raises(ChainError, match=message):
        JsonRpcChain(node(*chain, *options), T0)


def test_a_node_with_defaults_otherwise_is_enough(node):
    """No fees, any gas limit and blocks on demand are asked of the node, and given back."""
    url = node(*("--chain-id", str(CHAIN_ID), "--hardfork", "prague", "--timestamp", "1"))
    hashes = set()
    for _ in range(2):  # the second run finds the node as the first did
        chain = JsonRpcChain(url, T0)
        alice, bob = chain.account("alice"), chain.account("bob")
        for seconds in (0, 900):
            receipts = chain.transact_many([Transaction(alice, bob, b"\x01", 5)] * 3)
            assert [receipt.gas_used for receipt in receipts] == [21_040] * 3
            assert {receipt.block_number for receipt in receipts} == {chain.block_number}
            chain.advance_to(T0 + 900 + seconds)
        assert (chain.block_number, chain.balance_wei(bob)) == (3, 10**24 + 30)
        hashes.add(chain._client.call("eth_getBlockByNumber", "0x2", False)["hash"])
        assert chain._client.call("hardhat_getAutomine") is False
        chain.close()
    assert len(hashes) == 1  # blocks repeat, hash by hash
    after = JsonRpcChain(url, T0)
    assert after.block_number == 1
    after.close()
    assert after._client.call("hardhat_getAutomine") is True


def test_transactions_share_a_block_that_is_mined_again():
    chain = AnvilChain(T0)
    try:
        alice, bob = chain.account("alice"), chain.account("bob")
        first = chain.transact_many([Transaction(alice, bob, b"", 5)])
        carol = chain.account("carol")  # who joins while the block is open
        second = chain.transact_many([Transaction(carol, bob, b"", 7)])
        block = chain._client.call("eth_getBlockByNumber", "latest", False)
        assert (int(block["number"], 16), len(block["transactions"])) == (1, 2)
        assert {r.block_number for r in [*first, *second]} == {1}
        assert chain.balance_wei(bob) == 10**24 + 12
    finally:
        chain.close()


def test_ether_received_in_a_batch_can_be_spent_in_it():
    chain = AnvilChain(T0)
    try:
        alice, bob = chain.account("alice"), chain.account("bob")
        gift = Transaction(alice, bob, b"", 10**24)
        receipts = chain.transact_many([gift, Transaction(bob, alice, b"", 2 * 10**24)])
        assert [receipt.status for receipt in receipts] == [True, True]
        assert (chain.balance_wei(alice), chain.balance_wei(bob)) == (2 * 10**24, 0)
    finally:
        chain.close()


def test_close_stops_the_process():
    chain = AnvilChain(T0)
    assert is_listening(chain.url)
    chain.close()
    chain.close()
    assert goes_away(chain.url)
    with pytest.raises(ChainError, match="no node answers"):
        chain.balance_wei(chain.account("alice"))


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_anvil_ends_with_whoever_started_it(sent):
    script = (
        "import signal, time; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from p2p_cosim.chain.jsonrpc import AnvilChain; chain = AnvilChain();"
        "print(chain.url, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as program:
        assert program.stdout is not None
        url = program.stdout.readline().strip()
        assert is_listening(url)
        os.kill(program.pid, sent)
        program.wait()
    assert goes_away(url)


def test_a_run_that_is_interrupted_stops_its_node(tmp_path):
    seen = []

    def stop_at_once(_):
        raise KeyboardInterrupt

    started = anvil.start_anvil

    def start(*args):
        seen.append(started(*args))
        return seen[-1]

    scenario = p2p.load("scenarios/three_houses.yaml").replace(backend="anvil")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(anvil, "start_anvil", start)
        with pytest.raises(KeyboardInterrupt):
            p2p.run(scenario, out=tmp_path, on_tick=stop_at_once)
        unbuildable = scenario.replace(strategy="nowhere:Nothing")
        with pytest.raises(InputError, match="nowhere"):
            p2p.Simulation(unbuildable, out=tmp_path)
    assert len(seen) == 1  # a scenario that cannot be built starts none
    assert all(process.poll() is not None for process, _ in seen)


def test_without_anvil_the_remedy_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(anvil, "_CHECKOUT", tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ChainError, match=r"neither on PATH nor installed .* run 'make node'"):
        AnvilChain(T0)


def test_a_program_that_is_no_anvil_is_told(monkeypatch, tmp_path):
    fake = tmp_path / "anvil"
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(ChainError, match=r"does not listen .* --version"):
        AnvilChain(T0)


def test_a_block_of_many_transactions_keeps_their_order():
    """anvil takes those of one request in order up to the 63rd."""
    chain = AnvilChain(T0)
    try:
        people = [chain.account(f"person {i}") for i in range(120)]
        sent = [Transaction(a, people[0], b"\x01" * i) for i, a in enumerate(people)]
        receipts = chain.transact_many(sent)
        assert [r.gas_used for r in receipts] == [21_000 + 40 * i for i in range(120)]
    finally:
        chain.close()
