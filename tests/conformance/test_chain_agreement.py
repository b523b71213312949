"""All backends on the same workload: equal receipts, balances, storage and state roots."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from chains import BACKENDS, LIMIT, T0, deploy_probe, make, send
from hypothesis import given, settings
from hypothesis import strategies as st

from p2p_cosim.chain.accounts import canonical_address
from p2p_cosim.chain.contract import Contract
from p2p_cosim.chain.ethtester import EthTesterChain
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.chain.jsonrpc import JsonRpcChain
from p2p_cosim.chain.jsonrpc.client import RpcClient
from p2p_cosim.chain.pyevm import PyEvmChain
from p2p_cosim.chain.rules import floor_gas
from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.types import Transaction

Open = Callable[[str], Chain]
PEOPLE = tuple(f"person {i}" for i in range(4))


@pytest.fixture
def open_chain(hardhat_url: str) -> Iterator[Open]:
    """Makes a fresh chain of a backend, and closes it after the test."""
    opened: list[Chain] = []

    def open_(backend: str) -> Chain:
        opened.append(make(backend, T0, lambda: hardhat_url))
        return opened[-1]

    yield open_
    for chain in opened:
        chain.close()


@pytest.fixture(params=BACKENDS)
def chain(request: pytest.FixtureRequest, open_chain: Open) -> Chain:
    return open_chain(request.param)


def test_calldata_pays_at_least_the_floor_of_eip_7623(chain: Chain) -> None:
    alice, bob = chain.account("alice"), chain.account("bob")
    (receipt,) = send(chain, Transaction(alice, bob, b"\x00" * 10 + b"\x01" * 1000))
    assert receipt.gas_used == 21_000 + 10 * (10 + 4 * 1000)


def test_a_capped_refund_does_not_undercut_the_floor(chain: Chain, probe: Contract) -> None:
    owner = chain.account("owner")
    probe.transact("burn", 9, sender=owner)
    wipe = probe.transaction("wipe", 1000, 1010, sender=owner)
    padded = replace(wipe, data=wipe.data + b"\x01" * 1200)
    (receipt,) = send(chain, padded)
    assert receipt.status
    assert receipt.gas_used == floor_gas(padded)


def workload(chain: Chain, seed: int, gas_limits: list[int]) -> list[object]:
    """Random transactions in blocks, and everything observable about them."""
    rng = np.random.default_rng(seed)
    probe = deploy_probe(chain)
    people = [chain.account(label) for label in PEOPLE]
    calls: list[Callable[[], tuple[object, ...]]] = [
        lambda: ("store", int(rng.integers(6)), int(rng.integers(2 * LIMIT))),
        lambda: ("tryStore", int(rng.integers(6)), int(rng.integers(2 * LIMIT))),
        lambda: ("wipe", 0, int(rng.integers(8))),
        lambda: ("toggle", int(rng.integers(6))),
        lambda: ("tag", "x" * int(rng.integers(80)), rng.bytes(int(rng.integers(80)))),
        lambda: ("nest", int(rng.integers(4))),
        lambda: ("spawn", int(rng.integers(3))),
        lambda: ("carry", int(rng.integers(100))),
        lambda: ("burn", int(rng.integers(12))),
        lambda: ("pay", people[int(rng.integers(4))], int(rng.integers(1000))),
        lambda: ("panic", int(rng.integers(2))),
        lambda: ("silent",),
    ]
    seen: list[object] = []
    for _ in range(4):
        batch = []
        for _ in range(12):
            name, *args = calls[int(rng.integers(len(calls)))]()
            sender = people[int(rng.integers(4))]
            gas_limit = int(rng.choice(gas_limits))
            batch.append(probe.transaction(str(name), *args, sender=sender, gas_limit=gas_limit))
        batch.append(Transaction(people[0], probe.address, b"", int(rng.integers(500))))
        seen += chain.transact_many(batch)
        seen += [probe.read.values(key) for key in range(12)]
        chain.advance_to(chain.timestamp + int(rng.integers(1, 1000)))
    seen += [chain.balance_wei(address) for address in [*people, probe.address]]
    return seen


@pytest.mark.parametrize("backend", sorted({*BACKENDS} - {"pyevm"}))
@pytest.mark.parametrize("seed", range(2))
def test_backends_give_equal_receipts(backend: str, seed: int, open_chain: Open) -> None:
    limits = [30_000, 60_000, 500_000]
    expected = workload(PyEvmChain(T0), seed, limits)
    assert workload(open_chain(backend), seed, limits) == expected


@pytest.mark.parametrize("seed", range(2))
def test_state_roots_are_equal_in_process(seed: int) -> None:
    roots = []
    for chain in (GeneratedChain(T0), PyEvmChain(T0), EthTesterChain(T0)):
        workload(chain, seed, [30_000, 60_000, 500_000])
        roots.append(chain.state_root())
    assert roots[0] == roots[1] == roots[2]


@pytest.mark.parametrize("backend", ["anvil", "hardhat"])
def test_accounts_on_nodes_are_those_of_pyevm(backend: str, open_chain: Open) -> None:
    """Balance, nonce, code and storage root of every account, as nodes prove them."""
    seen = []
    for chain in (PyEvmChain(T0), open_chain(backend)):
        workload(chain, 0, [60_000, 500_000])
        accounts = [chain.account(label) for label in ("owner", *PEOPLE)]
        seen.append([proof(chain, a) for a in [*accounts, deploy_probe(chain).address]])
    assert seen[0] == seen[1]


def proof(chain: PyEvmChain | JsonRpcChain, address: str) -> tuple[int, int, bytes, bytes]:
    if isinstance(chain, JsonRpcChain):
        raw = RpcClient(chain.url).call("eth_getProof", address, [], "latest")
        numbers = int(raw["balance"], 16), int(raw["nonce"], 16)
        return (*numbers, bytes.fromhex(raw["codeHash"][2:]), bytes.fromhex(raw["storageHash"][2:]))
    chain.state_root()
    account = chain._state._account_db._get_account(canonical_address(address))
    return account.balance, account.nonce, account.code_hash, account.storage_root


@pytest.fixture(scope="module")
def probes(hardhat_url: str) -> Iterator[list[Contract]]:
    chains = [make(backend, T0, lambda: hardhat_url) for backend in BACKENDS]
    yield [deploy_probe(chain) for chain in chains]
    for chain in chains:
        chain.close()


WORDS = st.one_of(
    st.integers(0, 300),
    st.integers(2**256 - 300, 2**256 - 1),
    st.integers(0, 2**256 - 1),
    st.sampled_from([2**255, 2**255 - 1, 2**128]),
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(a=WORDS, b=WORDS, m=WORDS)
def test_backends_agree_on_arithmetic(probes: list[Contract], a: int, b: int, m: int) -> None:
    assert len({probe.read.mix(a, b, m) for probe in probes}) == 1
