"""OpenChain: what it remembers when it forgets, goes back, or takes another's place."""

import pytest
from wallet import signed, wallet

from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.chain.terms import Past
from p2p_cosim.core.errors import ChainError
from p2p_cosim.core.types import Transaction

T0 = 1_750_000_000
ALICE = wallet("alice")


def send(chain, count=1):
    anna = chain.account("anna")
    chain.transact_many([Transaction(anna, anna, b"", gas_limit=21_000)] * count)
    return anna


def blocks(chain, count, each=1):
    for _ in range(count):
        send(chain, each)
        chain.advance_to(chain.timestamp + 1)


def test_positions_go_on_over_blocks():
    chain = OpenChain(GeneratedChain(T0))
    blocks(chain, 3, each=2)
    assert chain.position == 6
    assert [each.receipt.block_number for each in chain.included(1)] == [1, 2, 2, 3, 3]
    assert chain.included(6) == []


def test_the_oldest_blocks_are_forgotten_and_their_nonces_are_not():
    chain = OpenChain(GeneratedChain(T0), kept=10)
    blocks(chain, 40)
    assert chain.position == 40
    with pytest.raises(ChainError, match="transaction 0 is kept no more"):
        chain.included(0)
    anna = chain.account("anna")
    assert chain.nonce(anna) == 40
    assert chain.head == 41
    assert chain.block(1) is None
    assert chain.block(40).transactions[0].nonce == 39
    assert 10 <= sum(len(chain.block(n).transactions) for n in range(1, 42) if chain.block(n)) <= 21


def test_hashes_are_the_same_whenever_they_are_asked_for():
    early, late = OpenChain(GeneratedChain(T0)), OpenChain(GeneratedChain(T0))
    for _ in range(3):
        early.block(early.head)
        blocks(early, 1)
    blocks(late, 3)
    assert [early.block(n) for n in range(1, 5)] == [late.block(n) for n in range(1, 5)]
    hashes = [late.block(n).hash for n in range(1, 5)]
    assert len(set(hashes)) == 4
    assert [late.number_of(hash_) for hash_ in hashes] == [1, 2, 3, 4]
    assert late.number_of(bytes(32)) is None


def test_going_back_forgets_what_came_after():
    chain = OpenChain(GeneratedChain(T0))
    blocks(chain, 2)
    send(chain)
    token, before = chain.snapshot(), chain.block(chain.head)
    send(chain)
    blocks(chain, 2)
    chain.revert(token)
    assert (chain.position, chain.turns, chain.head) == (3, 1, 3)
    assert chain.block(3) == before
    assert chain.nonce(chain.account("anna")) == 3


def test_a_chain_that_takes_anothers_place_goes_on_from_it():
    first = OpenChain(GeneratedChain(T0, 77))
    first.grant(ALICE.address, 10**18)
    first.send_raw(signed(ALICE, 77, 0, to=ALICE.address))
    first.advance_to(T0 + 1)
    second = OpenChain(GeneratedChain(T0, 77), past=first.past())
    assert second.head == first.head + 1
    assert second.block(second.head).parent_hash == first.block(first.head).hash
    second.grant(ALICE.address, 10**18)
    with pytest.raises(ChainError, match="nonce too low: next nonce 1, tx nonce 0"):
        second.send_raw(signed(ALICE, 77, 0, to=ALICE.address))
    hash_ = second.send_raw(signed(ALICE, 77, 1, to=ALICE.address))
    second.advance_to(T0 + 1)
    assert second.transaction(hash_).nonce == 1


def test_who_cannot_pay_any_more_is_left_out():
    chain = OpenChain(GeneratedChain(T0, 77))
    chain.grant(ALICE.address, 10**9)
    for nonce in range(2):
        chain.send_raw(signed(ALICE, 77, nonce, to=wallet("bob").address, value=9 * 10**8))
    chain.advance_to(T0 + 1)
    assert chain.balance_wei(wallet("bob").address) == 9 * 10**8
    assert len(chain.pool) == 0


def test_the_past_of_nothing_is_the_beginning():
    assert OpenChain(GeneratedChain(T0)).head == Past().first == 1
