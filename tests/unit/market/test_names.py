"""Accounts that change hands keep the name of whoever they belong to."""

import pytest

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import Account
from p2p_cosim.market.names import Names

OWN, OTHER, ORACLE, WALLET = (f"0x{digit * 40}" for digit in "1234")


@pytest.fixture
def names():
    return Names({"house_1": OWN, "house_2": OTHER}, {"meter_oracle": ORACLE})


def test_a_bound_account_and_the_one_before_have_one_name(names):
    names.bind("house_1", WALLET)
    assert names.address("house_1") == WALLET
    assert [names.label(each) for each in (OWN, WALLET)] == ["house_1", "house_1"]
    assert names.accounts == (OWN, OTHER, WALLET)
    accounts = [(OWN, Account(1, -2, 3)), (OTHER, Account(9, 9, 9)), (WALLET, Account(10, 20, 30))]
    summed = names.summed(accounts)
    assert summed == {"house_1": Account(11, 18, 33), "house_2": Account(9, 9, 9)}


def test_given_back_the_wallet_is_nobodys_again(names):
    names.bind("house_1", WALLET)
    names.bind("house_1", None)
    assert names.address("house_1") == OWN
    assert names.label(WALLET) == WALLET
    assert WALLET not in names
    assert names.accounts == (OWN, OTHER)
    names.bind("house_2", WALLET)
    assert names.label(WALLET) == "house_2"


@pytest.mark.parametrize("address", [OTHER, ORACLE])
def test_an_account_of_another_is_not_given_away(names, address):
    with pytest.raises(InputError, match="choose another"):
        names.bind("house_1", address)
    assert names.address("house_1") == OWN
    with pytest.raises(InputError, match="no trader of this market"):
        names.bind("house_9", WALLET)
