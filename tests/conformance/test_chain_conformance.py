"""What every `Chain` must do: accounts, code, events and calls."""

import pytest
from chains import LIMIT, T0, send

from p2p_cosim.chain.accounts import FUNDING_WEI, key_of
from p2p_cosim.chain.contract import Contract
from p2p_cosim.core.errors import RevertError
from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.types import Event, Transaction


def test_says_what_it_is(chain: Chain) -> None:
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


def test_events_decode_by_name_and_keep_their_order(chain: Chain, probe: Contract) -> None:
    owner = chain.account("owner")
    receipt = probe.transact("store", 5, 50, sender=owner)
    assert probe.decode_events(receipt) == (
        Event("Stored", {"key": 5, "owner": owner, "amount": 50, "kind": 1}),
    )
    nested = probe.decode_events(probe.transact("nest", 2, sender=owner))
    assert [event.args["place"] for event in nested] == [4, 2, 0, 1, 3, 5]


def test_a_contract_creates_a_contract(chain: Chain, probe: Contract) -> None:
    receipt = probe.transact("spawn", 4, sender=chain.account("owner"))
    (stored,) = probe.decode_events(receipt)
    assert len(receipt.logs) == 2  # the child's own event comes first
    assert receipt.logs[0].address == stored.args["owner"]


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
