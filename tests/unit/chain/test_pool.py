"""What waits for the next block, and what is never taken."""

import re

import pytest
from wallet import signed, wallet

from p2p_cosim.chain import pool as pools
from p2p_cosim.chain.pool import Pool, RefusedTransactionError
from p2p_cosim.chain.signed import decode_signed

ALICE, BOB = wallet("alice"), wallet("bob")
ETHER = 10**18


class Ledger:
    """Nonces and balances as a chain would give them."""

    def __init__(self):
        self.nonces, self.held = {}, {}
        self.pool = Pool(7, lambda a: self.nonces.get(a, 0), lambda a: self.held.get(a, ETHER))

    def add(self, account, nonce, **fields):
        transaction = decode_signed(signed(account, 7, nonce, to=BOB.address, **fields))
        self.pool.add(transaction)
        return transaction


@pytest.fixture
def ledger():
    return Ledger()


def test_they_go_in_the_order_in_which_they_came_and_by_nonce(ledger):
    late, first = ledger.add(ALICE, 1), ledger.add(BOB, 0)
    between = ledger.add(ALICE, 0)
    assert ledger.pool.ready() == [first, between, late]
    assert ledger.pool.next_nonce(ALICE.address) == 2


def test_what_is_behind_a_gap_waits(ledger):
    ledger.add(ALICE, 1)
    assert ledger.pool.ready() == []
    assert ledger.pool.next_nonce(ALICE.address) == 0


def test_what_is_in_a_block_is_dropped_with_what_it_makes_void(ledger):
    taken, rest = ledger.add(ALICE, 0), ledger.add(ALICE, 1)
    ledger.nonces[ALICE.address] = 1
    ledger.pool.drop(taken)
    assert list(ledger.pool) == [rest]


def test_a_higher_fee_replaces(ledger):
    ledger.add(ALICE, 0, maxFeePerGas=100, maxPriorityFeePerGas=100)
    with pytest.raises(RefusedTransactionError, match="replacement transaction underpriced"):
        ledger.add(ALICE, 0, maxFeePerGas=109, maxPriorityFeePerGas=109)
    better = ledger.add(ALICE, 0, maxFeePerGas=110, maxPriorityFeePerGas=110)
    assert list(ledger.pool) == [better]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"nonce": 2}, "nonce too low: next nonce 3, tx nonce 2"),
        ({"chainId": 8}, "invalid chain id for signer: have 8 want 7"),
        ({"gas": 21_001, "data": b"\1" * 9}, "intrinsic gas too low: gas 21001, minimum needed 2"),
        ({"gas": 2**24 + 1}, "transaction gas limit too high"),
        ({"value": ETHER}, "insufficient funds for gas * price + value: balance 1000000000000000"),
        ({"maxFeePerGas": 1, "maxPriorityFeePerGas": 2}, "max priority fee per gas higher than"),
        ({"to": b"", "data": b"\1" * 49_153, "gas": 10**7}, "max initcode size exceeded"),
    ],
)
def test_what_can_never_be_valid_is_refused_in_geths_words(ledger, fields, message):
    ledger.nonces[ALICE.address] = 3
    content = {"nonce": 3, "chainId": 7, "to": BOB.address, **fields}
    nonce, chain_id = content.pop("nonce"), content.pop("chainId")
    with pytest.raises(RefusedTransactionError, match=re.escape(message)):
        ledger.pool.add(decode_signed(signed(ALICE, chain_id, nonce, **content)))
    assert len(ledger.pool) == 0


def test_the_same_again_is_known(ledger):
    ledger.add(ALICE, 0)
    with pytest.raises(RefusedTransactionError, match="already known"):
        ledger.add(ALICE, 0)


def test_nobody_fills_the_pool(ledger):
    for nonce in range(pools.MOST_OF_A_SENDER):
        ledger.add(ALICE, nonce)
    with pytest.raises(RefusedTransactionError, match="txpool is full"):
        ledger.add(ALICE, pools.MOST_OF_A_SENDER)


def test_a_block_takes_so_much_gas_and_no_more(ledger):
    most = pools.MOST_GAS_A_BLOCK // pools.MOST_GAS
    for nonce in range(most + 2):
        ledger.add(ALICE, nonce, gas=pools.MOST_GAS)
    small = ledger.add(BOB, 0)
    assert len(ledger.pool.ready()) == most
    assert small not in ledger.pool.ready()
