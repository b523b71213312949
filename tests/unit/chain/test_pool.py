"""What waits for the next block, and what is never taken."""

import re

import pytest
from wallet import signed, wallet

from p2p_cosim.chain import pool as pools
from p2p_cosim.chain.pool import Pool, RefusedTransactionError
from p2p_cosim.chain.signed import decode_signed

ALICE, BOB = wallet("alice"), wallet("bob")
ETHER = 10**18
ORDER_GAS = 130_000
"""As the pages send an order: twice what `placeBid` needs."""


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
    strangers = [ledger.add(wallet(f"stranger {i}"), 0, gas=pools.MOST_GAS) for i in range(most)]
    small = ledger.add(BOB, 0, gas=pools.FIRST_SHARE)
    assert ledger.pool.ready() == [*strangers[:-1], small]
    assert ledger.pool.in_line() == [*strangers, small]


def test_a_sender_has_no_more_in_a_block_than_a_transaction_may_have(ledger):
    sent = [ledger.add(ALICE, nonce, gas=pools.MOST_GAS // 4) for nonce in range(5)]
    assert ledger.pool.ready() == sent[:4]


@pytest.mark.parametrize("gas", [pools.MOST_GAS, pools.FIRST_SHARE, ORDER_GAS])
def test_a_stranger_with_many_keys_keeps_no_order_out(ledger, gas):
    for key in range(8):
        for nonce in range(pools.MOST_OF_A_SENDER):
            ledger.add(wallet(f"stranger {key}"), nonce, gas=gas)
    orders = [ledger.add(wallet(f"player {i}"), 0, gas=ORDER_GAS) for i in range(20)]
    ready = ledger.pool.ready()
    assert ready[-len(orders) :] == orders
    assert sum(signed.gas_limit for signed in ready) <= pools.MOST_GAS_A_BLOCK


def test_two_hundred_players_put_money_in_and_order_at_one_gate(ledger):
    players = [wallet(f"player {i}") for i in range(200)]
    sent = [ledger.add(player, nonce, gas=ORDER_GAS) for player in players for nonce in (0, 1)]
    assert ledger.pool.ready() == sent
