"""OpenChain on every backend: what it remembers, and how others get in."""

from dataclasses import replace

import pytest
from chains import BACKENDS, T0, deploy_probe, make
from wallet import signed, wallet

from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.chain.rules import CHAIN_ID
from p2p_cosim.core.errors import ChainError
from p2p_cosim.core.protocols import Chain, Explorer
from p2p_cosim.core.types import Transaction

ETHER = 10**18


@pytest.fixture(params=[name for name in BACKENDS if name != "open"])
def chain(request):
    backend = make(request.param, T0, lambda: request.getfixturevalue("hardhat_url"))
    yield OpenChain(backend)
    backend.close()


def test_it_is_a_chain_and_an_explorer(chain):
    assert isinstance(chain, Chain)
    assert isinstance(chain, Explorer)
    assert chain.chain_id == CHAIN_ID


def test_code_is_what_was_deployed(chain):
    probe = deploy_probe(chain)
    assert len(chain.code(probe.address)) > 100
    assert chain.code(chain.account("owner")) == b""


def test_signed_transactions_stand_first_in_the_next_block_and_pay(chain):
    probe, alice = deploy_probe(chain), wallet("alice")
    chain.grant(alice.address, ETHER)
    data = probe.transaction("store", 1, 2, sender=alice.address).data
    sent = [
        chain.send_raw(signed(alice, CHAIN_ID, nonce, to=probe.address, data=data, **fees))
        for nonce, fees in enumerate([{}, {"gasPrice": 3}, {"gasPrice": 1, "accessList": []}])
    ]
    assert chain.transaction(sent[0]) is None
    chain.advance_to(T0 + 900)
    probe.transact("store", 1, 3, sender=chain.account("owner"))
    block = chain.block(chain.head)
    assert [mined.hash for mined in block.transactions[:3]] == sent
    assert [mined.nonce for mined in block.transactions[:3]] == [0, 1, 2]
    assert [mined.receipt.status for mined in block.transactions] == [True] * 4
    gas = [mined.receipt.gas_used for mined in block.transactions]
    assert chain.balance_wei(alice.address) == ETHER - gas[0] * 1 - gas[1] * 3 - gas[2] * 1
    assert chain.nonce(alice.address) == 3
    assert chain.number_of(block.hash) == chain.head == block.number
    assert block.parent_hash == chain.block(block.number - 1).hash


def test_a_trial_stands_behind_what_its_block_has_already(chain):
    """However much more its sender pays than those before."""
    probe, alice = deploy_probe(chain), wallet("alice")
    chain.grant(alice.address, ETHER)
    chain.advance_to(chain.timestamp + 900)
    probe.transact("store", 1, 3, sender=chain.account("owner"))
    store = probe.transaction("store", 1, 2, sender=alice.address)
    chain.send_raw(signed(alice, CHAIN_ID, 0, to=probe.address, data=store.data))
    tried = chain.trial(replace(store, sender=chain.account("other")))
    assert tried.status
    with chain.as_pending():
        assert chain.nonce(alice.address) == 0
        assert chain.balance_wei(alice.address) < ETHER
    chain.advance_to(chain.timestamp + 900)
    assert [mined.nonce for mined in chain.block(chain.head).transactions] == [0]


def test_logs_are_found_by_block_address_and_topic(chain):
    probe, alice = deploy_probe(chain), wallet("alice")
    chain.grant(alice.address, ETHER)
    data = probe.transaction("store", 1, 2, sender=alice.address).data
    for nonce in range(3):
        chain.send_raw(signed(alice, CHAIN_ID, nonce, to=probe.address, data=data))
        chain.advance_to(chain.timestamp + 900)
    head = chain.head
    everything = list(chain.logs(0, head))
    one = [found for found in everything if found.mined.block_number == head]
    assert [found.index for found in one] == list(range(len(one)))
    assert list(chain.logs(head, head)) == one
    assert list(chain.logs(0, head, [probe.address])) == everything
    assert list(chain.logs(0, head, [alice.address])) == []
    topic = one[0].log.topics[0]
    assert list(chain.logs(0, head, (), [{topic}])) == [
        found for found in everything if found.log.topics and found.log.topics[0] == topic
    ]
    assert list(chain.logs(0, head, (), [None, None])) == [
        found for found in everything if len(found.log.topics) >= 2
    ]


def test_pending_reads_see_what_waits_and_change_nothing(chain):
    alice, bob = wallet("alice"), wallet("bob")
    chain.grant(alice.address, ETHER)
    chain.advance_to(T0 + 300)  # a node takes no transaction that its newest block cannot pay
    chain.send_raw(signed(alice, CHAIN_ID, 0, to=bob.address, value=5))
    with chain.as_pending():
        assert chain.balance_wei(bob.address) == 5
    assert chain.balance_wei(bob.address) == 0
    chain.advance_to(T0 + 900)
    assert chain.balance_wei(bob.address) == 5


def test_a_gap_of_nonces_waits(chain):
    alice, bob = wallet("alice"), wallet("bob")
    chain.grant(alice.address, ETHER)
    chain.send_raw(signed(alice, CHAIN_ID, 1, to=bob.address, value=1))
    chain.advance_to(T0 + 900)
    assert chain.balance_wei(bob.address) == 0
    chain.send_raw(signed(alice, CHAIN_ID, 0, to=bob.address, value=2))
    chain.advance_to(T0 + 1_800)
    assert chain.balance_wei(bob.address) == 3


def test_a_wallet_deploys_a_contract(chain):
    alice = wallet("alice")
    chain.grant(alice.address, ETHER)
    code = bytes.fromhex("6001600c60003960016000f300")  # a contract of the one byte STOP
    hash_ = chain.send_raw(signed(alice, CHAIN_ID, 0, data=code))
    chain.advance_to(T0 + 900)
    receipt = chain.transaction(hash_).receipt
    assert receipt.status
    assert chain.code(receipt.contract_address) == b"\0"


def test_agents_need_an_account_and_strangers_a_signature(chain):
    with pytest.raises(ChainError, match="is no account of this chain"):
        chain.transact_many([Transaction(wallet("mallory").address, None, b"")])
