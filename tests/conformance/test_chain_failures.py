"""What every `Chain` must do with transactions that revert, run out of gas or are invalid."""

from dataclasses import replace

import pytest
from chains import LIMIT, PROBE, send

from p2p_cosim.chain.accounts import FUNDING_WEI
from p2p_cosim.chain.contract import Contract, deploy
from p2p_cosim.core.errors import ChainError, RevertError
from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.types import Transaction


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


def test_out_of_gas_burns_the_limit_and_changes_nothing(chain: Chain, probe: Contract) -> None:
    (receipt,) = send(
        chain,
        probe.transaction("burn", 100, sender=chain.account("owner"), gas_limit=90_000),
    )
    assert (receipt.status, receipt.gas_used, receipt.output) == (False, 90_000, b"")
    assert probe.read.values(1001) == 0


def test_out_of_gas_is_called_so_with_the_limit_and_a_remedy(chain: Chain, probe: Contract) -> None:
    owner = chain.account("owner")
    with pytest.raises(RevertError, match=r"OutOfGas\(gasLimit=90000\): .*raise `gas_limit`"):
        probe.transact("burn", 100, sender=owner, gas_limit=90_000)
    with pytest.raises(RevertError, match="silent reverted: no reason given"):
        probe.transact("silent", sender=owner, gas_limit=90_000)


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


@pytest.mark.parametrize(
    "change", [{"value_wei": FUNDING_WEI + 1}, {"gas_limit": 20_999}, {"sender": "0x" + "11" * 20}]
)
def test_a_batch_ends_before_its_first_invalid_transaction(
    chain: Chain, change: dict[str, object]
) -> None:
    alice, bob = chain.account("alice"), chain.account("bob")
    good = Transaction(alice, bob, b"", 5)
    with pytest.raises(ChainError):
        send(chain, good, replace(good, **change), good)  # type: ignore[arg-type]
    assert chain.balance_wei(bob) == FUNDING_WEI + 5
    (receipt,) = send(chain, good)  # nothing of the rest comes after
    assert (receipt.status, receipt.block_number) == (True, 1)
    assert chain.balance_wei(bob) == FUNDING_WEI + 10
