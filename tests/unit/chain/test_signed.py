"""Signed transactions read from the bytes that wallets send."""

from contextlib import suppress

import pytest
import rlp
from hypothesis import given
from hypothesis import strategies as st
from wallet import signed, wallet

from p2p_cosim.chain.signed import NoTransactionError, decode_signed

ALICE = wallet("alice")
TO, SLOT = wallet("bob").address, "0x" + "11" * 32
KINDS = {
    "legacy": {"gasPrice": 7},
    "access list": {
        "gasPrice": 7,
        "accessList": [{"address": TO, "storageKeys": ["0x" + "11" * 32]}],
    },
    "dynamic fee": {"maxFeePerGas": 9, "maxPriorityFeePerGas": 7, "accessList": []},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_of_eth_account_is_read_as_it_was_signed(kind):
    raw = signed(ALICE, 77, 5, to=TO, value=3, data=b"\1\2", **KINDS[kind])
    read = decode_signed(raw)
    assert read.sender == ALICE.address
    assert (read.chain_id, read.nonce, read.to, read.value_wei) == (77, 5, TO, 3)
    assert (read.data, read.gas_limit, read.max_tip_wei) == (b"\1\2", 300_000, 7)
    transaction = read.transaction()
    assert (transaction.gas_price_wei, transaction.signed) == (7, raw)
    assert len(read.access_list) == (kind == "access list")


def test_the_hash_is_the_one_the_wallet_knows():
    account = wallet("alice")
    content = {"chainId": 1, "nonce": 0, "gas": 21_000, "gasPrice": 1, "to": TO, "value": 0}
    made = account.sign_transaction(content)
    assert decode_signed(bytes(made.raw_transaction)).hash == bytes(made.hash)


def test_a_legacy_transaction_without_a_chain_id_is_good_on_every_chain():
    content = {"nonce": 0, "gas": 21_000, "gasPrice": 1, "to": TO, "value": 0}
    raw = bytes(ALICE.sign_transaction(content).raw_transaction)
    assert decode_signed(raw).chain_id is None
    assert decode_signed(raw).sender == ALICE.address


def test_a_changed_bit_makes_it_another_senders_or_no_transaction():
    raw = signed(ALICE, 77, 5, to=TO)
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1
        with suppress(NoTransactionError):
            assert decode_signed(bytes(changed)).sender != ALICE.address


def test_a_signature_in_the_upper_half_is_refused():
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    fields = rlp.decode(signed(ALICE, 77, 5, to=TO)[1:])
    fields[-1] = (order - int.from_bytes(fields[-1], "big")).to_bytes(32, "big")
    fields[-3] = b"" if fields[-3] else b"\1"
    with pytest.raises(NoTransactionError, match="invalid transaction v, r, s"):
        decode_signed(b"\2" + rlp.encode(fields))


@given(st.binary(max_size=200))
def test_any_other_bytes_are_no_transaction(raw):
    with pytest.raises(NoTransactionError):
        decode_signed(raw)


@given(st.sampled_from([b"", b"\1", b"\2", b"\3"]), st.recursive(st.binary(max_size=40), st.lists))
def test_any_other_rlp_is_no_transaction(kind, content):
    with pytest.raises(NoTransactionError):
        decode_signed(kind + rlp.encode(content))


@pytest.mark.parametrize("raw", [b"\xc1" * 100_000, b"\2" + b"\xc1" * 100_000, bytes(2**17 + 1)])
def test_depth_and_length_do_no_harm(raw):
    with pytest.raises(NoTransactionError):
        decode_signed(raw)
