"""What every `Chain` must do. A backend joins by a line in BACKENDS.

The backends are also compared with each other: receipts, gas and state roots of the same
workload must be equal.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2p_cosim.chain.accounts import FUNDING_WEI, key_of
from p2p_cosim.chain.artifact import parse_artifact
from p2p_cosim.chain.contract import Contract, deploy
from p2p_cosim.chain.ethtester import EthTesterChain
from p2p_cosim.chain.pyevm import PyEvmChain
from p2p_cosim.chain.rules import floor_gas
from p2p_cosim.core.errors import ChainError, RevertError
from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.types import Event, Receipt, Transaction

T0 = 1_750_000_000
LIMIT = 1000
BACKENDS: dict[str, Callable[[int], Chain]] = {
    "pyevm": PyEvmChain,
    "ethtester": EthTesterChain,
}
SOURCE = Path(__file__).parents[1] / "fixtures" / "Probe.json"
PROBE = parse_artifact(SOURCE.read_text(), "Probe.json")


def deploy_probe(chain: Chain) -> Contract:
    owner = chain.account("owner")
    return deploy(chain, PROBE, [LIMIT, {"owner": owner, "amount": 3, "kind": 1}], owner)


@pytest.fixture(params=BACKENDS)
def chain(request: pytest.FixtureRequest) -> Chain:
    return BACKENDS[request.param](T0)


@pytest.fixture
def probe(chain: Chain) -> Contract:
    return deploy_probe(chain)


def send(chain: Chain, *transactions: Transaction) -> list[Receipt]:
    return chain.transact_many(transactions)


def test_is_a_chain_with_exact_gas(chain: Chain) -> None:
    assert isinstance(chain, Chain)
    assert chain.capabilities.exact_gas
    assert chain.capabilities.fork == "prague"


def test_a_label_is_the_same_funded_address_everywhere(chain: Chain) -> None:
    # Known from the key by an independent route: eth_account of keccak("p2p_cosim:alice").
    from eth_account import Account

    alice = chain.account("alice")
    assert alice == Account.from_key(key_of("alice")).address
    assert chain.account("alice") == alice
    assert chain.account("bob") != alice
    assert chain.balance_wei(alice) == FUNDING_WEI


def test_value_moves_and_costs_the_intrinsic_gas(chain: Chain) -> None:
    alice, bob = chain.account("alice"), chain.account("bob")
    (receipt,) = send(chain, Transaction(alice, bob, b"", 7))
    assert (receipt.status, receipt.gas_used, receipt.logs) == (True, 21_000, ())
    assert chain.balance_wei(bob) == FUNDING_WEI + 7
    assert chain.balance_wei(alice) == FUNDING_WEI - 7  # gas is free


def test_deployed_code_answers(chain: Chain, probe: Contract) -> None:
    assert probe.read.limit() == LIMIT
    assert probe.read.basket().best == (chain.account("owner"), 3, 1)


def test_a_reverting_constructor_names_its_error(chain: Chain) -> None:
    owner = chain.account("owner")
    with pytest.raises(RevertError) as caught:
        deploy(chain, PROBE, [0, (owner, 3, 1)], owner)
    assert caught.value.name == "TooLarge"
    assert caught.value.args_by_name == {"given": 0, "limit": 1, "caller": owner}


def test_a_failed_creation_has_no_address_and_no_code(chain: Chain) -> None:
    owner = chain.account("owner")
    (receipt,) = send(chain, Transaction(owner, None, bytes.fromhex("60006000fd")))
    assert not receipt.status
    assert receipt.contract_address is None
    (next_receipt,) = send(chain, Transaction(owner, None, b"\x00"))
    assert next_receipt.contract_address is not None  # the nonce moved on


def test_events_decode_by_name_and_keep_their_order(chain: Chain, probe: Contract) -> None:
    owner = chain.account("owner")
    receipt = probe.transact("store", 5, 50, sender=owner)
    assert probe.decode_events(receipt) == (
        Event("Stored", {"key": 5, "owner": owner, "amount": 50, "kind": 1}),
    )
    nested = probe.decode_events(probe.transact("nest", 2, sender=owner))
    assert [event.args["place"] for event in nested] == [4, 2, 0, 1, 3, 5]


def test_a_revert_charges_gas_and_carries_the_error(chain: Chain, probe: Contract) -> None:
    owner = chain.account("owner")
    (receipt,) = send(chain, probe.transaction("store", 5, LIMIT + 1, sender=owner))
    assert not receipt.status
    assert 21_000 < receipt.gas_used < 25_000
    assert receipt.logs == ()
    error = probe.revert_error("store", receipt.output)
    assert error.name == "TooLarge"
    assert error.args_by_name == {"given": LIMIT + 1, "limit": LIMIT, "caller": owner}
    assert probe.read.values(5) == 0


def test_an_inner_revert_leaves_no_trace(chain: Chain, probe: Contract) -> None:
    receipt = probe.transact("tryStore", 5, LIMIT + 1, sender=chain.account("owner"))
    assert probe.decode_events(receipt) == ()
    assert probe.read.values(5) == 1
    assert len(probe.read.basket().items) == 1


def test_a_contract_creates_a_contract(chain: Chain, probe: Contract) -> None:
    receipt = probe.transact("spawn", 4, sender=chain.account("owner"))
    (stored,) = probe.decode_events(receipt)
    assert len(receipt.logs) == 2  # the child's own event comes first
    assert receipt.logs[0].address == stored.args["owner"]


def test_out_of_gas_burns_the_limit_and_changes_nothing(chain: Chain, probe: Contract) -> None:
    (receipt,) = send(
        chain,
        probe.transaction("burn", 100, sender=chain.account("owner"), gas_limit=90_000),
    )
    assert (receipt.status, receipt.gas_used, receipt.output) == (False, 90_000, b"")
    assert probe.read.values(1001) == 0


def test_transactions_run_in_order_within_one_block(chain: Chain, probe: Contract) -> None:
    owner, other = chain.account("owner"), chain.account("other")
    receipts = send(
        chain,
        probe.transaction("store", 1, 10, sender=owner),
        probe.transaction("store", 1, LIMIT + 1, sender=other),
        probe.transaction("store", 1, 20, sender=owner),
    )
    assert [receipt.status for receipt in receipts] == [True, False, True]
    assert probe.read.values(1) == 20
    again = send(chain, probe.transaction("store", 1, 30, sender=other))
    places = {(r.block_number, r.timestamp) for r in [*receipts, *again]}
    assert len(places) == 1
    assert places.pop()[1] == T0


def test_transient_storage_ends_with_the_transaction(chain: Chain, probe: Contract) -> None:
    owner = chain.account("owner")
    send(chain, *[probe.transaction("carry", 3, sender=owner)] * 2)
    assert probe.read.values(7) == 6


def test_a_call_has_no_effect(chain: Chain, probe: Contract) -> None:
    alice = chain.account("alice")
    before = chain.balance_wei(alice)
    assert probe.call("store", 5, 50, sender=alice) == 2
    assert probe.call("store", 5, 50, sender=alice) == 2
    assert probe.read.values(5) == 0
    assert chain.call(Transaction(alice, probe.address, b"", 5)) == (True, b"")
    assert chain.balance_wei(alice) == before
    with pytest.raises(RevertError, match="TooLarge"):
        probe.call("store", 5, LIMIT + 1, sender=alice)


def test_contracts_see_simulated_time(chain: Chain, probe: Contract) -> None:
    assert chain.timestamp == T0
    timestamp, number, _ = probe.read.time()
    assert (timestamp, number) == (T0, 1)
    chain.advance_to(T0 + 900)
    assert chain.timestamp == T0 + 900
    assert probe.read.time()[:2] == (T0 + 900, 2)
    receipt = probe.transact("store", 1, 1, sender=chain.account("owner"))
    assert (receipt.timestamp, receipt.block_number) == (T0 + 900, 2)


@pytest.mark.parametrize("timestamp", [T0, T0 - 1])
def test_time_does_not_go_back(chain: Chain, timestamp: int) -> None:
    with pytest.raises(ChainError, match="is not after"):
        chain.advance_to(timestamp)


def test_a_snapshot_restores_state_block_and_time_twice(chain: Chain, probe: Contract) -> None:
    owner = chain.account("owner")
    probe.transact("store", 1, 10, sender=owner)
    token = chain.snapshot()

    def proceed() -> list[object]:
        late = chain.account("late")
        first = send(chain, probe.transaction("store", 1, 20, sender=late))
        chain.advance_to(T0 + 60)
        second = send(chain, probe.transaction("wipe", 1, 2, sender=owner))
        chain.advance_to(T0 + 120)
        return [*first, *second, chain.balance_wei(late), probe.read.time(), probe.read.basket()]

    once = proceed()
    for _ in range(2):
        chain.revert(token)
        assert (chain.timestamp, probe.read.time().number) == (T0, 1)
        assert probe.read.values(1) == 10
        assert len(probe.read.basket().items) == 2
        assert proceed() == once


def test_snapshots_nest_and_may_be_taken_back_in_any_order(chain: Chain, probe: Contract) -> None:
    owner = chain.account("owner")
    tokens = []
    for amount in (1, 2, 3):
        probe.transact("store", 1, amount, sender=owner)
        tokens.append(chain.snapshot())
        chain.advance_to(chain.timestamp + 1)
    for place in (2, 0, 1):
        chain.revert(tokens[place])
        assert probe.read.values(1) == place + 1


def test_a_foreign_token_is_refused(chain: Chain) -> None:
    with pytest.raises(ChainError, match="not a snapshot of this chain"):
        chain.revert("token")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sender": "0x" + "11" * 20}, "no account of this chain"),
        ({"gas_limit": 20_999}, "gas limit 20999 is below the 21000"),
        ({"data": b"\x01" * 100, "gas_limit": 24_000}, "below the 25000"),  # EIP-7623
        ({"value_wei": FUNDING_WEI + 1}, "cannot send"),
        ({"to": "bob"}, "'bob' is not an address"),
        ({"to": None, "data": bytes(49_153)}, "init code of 49153 bytes exceeds 49152"),
    ],
)
def test_an_invalid_transaction_is_an_error_without_receipt(
    chain: Chain, change: dict[str, object], message: str
) -> None:
    alice = chain.account("alice")
    fields = {"sender": alice, "to": chain.account("bob"), "data": b"", **change}
    with pytest.raises(ChainError, match=message):
        send(chain, Transaction(**fields))  # type: ignore[arg-type]
    assert chain.balance_wei(alice) == FUNDING_WEI
    assert send(chain, Transaction(alice, chain.account("bob"), b"", 1))[0].status


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


def workload(chain: Chain, seed: int) -> list[object]:
    """Random transactions in blocks, and everything observable about them."""
    rng = np.random.default_rng(seed)
    probe = deploy_probe(chain)
    people = [chain.account(f"person {i}") for i in range(4)]
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
            gas_limit = int(rng.choice([30_000, 60_000, 500_000]))
            batch.append(probe.transaction(str(name), *args, sender=sender, gas_limit=gas_limit))
        batch.append(Transaction(people[0], probe.address, b"", int(rng.integers(500))))
        seen += chain.transact_many(batch)
        seen.append(chain.state_root())  # type: ignore[attr-defined]
        chain.advance_to(chain.timestamp + int(rng.integers(1, 1000)))
    seen += [chain.balance_wei(address) for address in [*people, probe.address]]
    return seen


@pytest.mark.parametrize("seed", range(2))
def test_backends_agree_on_receipts_and_state_roots(seed: int) -> None:
    reference, *others = [workload(make(T0), seed) for make in BACKENDS.values()]
    for other in others:
        assert other == reference


@pytest.fixture(scope="module")
def probes() -> list[Contract]:
    return [deploy_probe(make(T0)) for make in BACKENDS.values()]


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
