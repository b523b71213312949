"""Withdrawals to contracts that refuse ether, or call back while they receive it."""

from pathlib import Path

import pytest

from p2p_cosim.chain.artifact import parse_artifact
from p2p_cosim.chain.contract import deploy
from p2p_cosim.core.errors import RevertError

SOURCE = Path(__file__).parents[2] / "fixtures" / "Receiver.json"
RECEIVER = parse_artifact(SOURCE.read_text(encoding="utf-8"), "Receiver.json")


class Hostile:
    """A trader that is a contract, with 100 wei deposited."""

    def __init__(self, world):
        self.world = world
        self.owner = world.address("mallory")
        self.contract = deploy(world.chain, RECEIVER, [world.contract.address], self.owner)
        self.act("deposit", value_wei=100)

    def data(self, function, *args):
        return self.world.contract.transaction(function, *args, sender=self.owner).data

    def act(self, function, *args, value_wei=0):
        data = self.data(function, *args)
        receipt = self.contract.transact("act", data, sender=self.owner, value_wei=value_wei)
        return self.world.contract.decode_events(receipt)

    def react(self, function, *args):
        self.contract.transact("react", self.data(function, *args), sender=self.owner)

    def request(self, amount_wei):
        """And let the round pass."""
        self.act("requestWithdrawal", amount_wei)
        self.world.clear()
        self.world.settle()

    @property
    def balance_wei(self):
        (account,), _ = self.world.contract.read.accounts([self.contract.address])
        return account.balance


@pytest.fixture
def hostile(world):
    return Hostile(world)


def test_a_receiver_that_refuses_hurts_only_itself(world, hostile):
    hostile.contract.transact("refuse", True, sender=hostile.owner)
    world.deposit(honest=50)
    hostile.request(100)
    with pytest.raises(RevertError) as caught:
        hostile.act("withdraw", 40)
    # The receiver passes the market's revert data on; its own ABI does not know the error.
    error = world.contract.revert_error(
        "withdraw", bytes.fromhex(str(caught.value.args_by_name["data"])[2:])
    )
    assert error.name == "TransferFailed"
    assert error.args_by_name == {"to": hostile.contract.address, "amountWei": 40}
    assert hostile.balance_wei == 100

    hostile.act("placeBid", world.round_id, 5, 20)
    world.send("depositFor", world.address("honest"), by="other", value_wei=100)
    world.ask("honest", 5, 10)
    world.send("requestWithdrawal", 1_000, by="honest")
    world.clear()
    world.settle(honest=-5)
    world.send("withdraw", 150 + 5 * 15, by="honest")
    hostile.contract.transact("refuse", False, sender=hostile.owner)
    hostile.act("withdraw", 0)


@pytest.mark.parametrize("again_wei", [1, 60, 100])
def test_withdrawing_again_while_receiving_takes_nothing_more(world, hostile, again_wei):
    world.deposit(honest=500)
    hostile.request(100)
    hostile.react("withdraw", again_wei)
    hostile.act("withdraw", 100)
    assert hostile.contract.read.tried() == 1
    assert hostile.contract.read.succeeded() == 0
    assert hostile.balance_wei == 0
    assert world.ether == 500


def test_a_second_withdrawal_within_the_balance_is_just_a_withdrawal(world, hostile):
    world.deposit(honest=500)
    hostile.request(100)
    hostile.react("withdraw", 25)
    hostile.act("withdraw", 50)
    taken = 50 + 25 * hostile.contract.read.succeeded()
    assert hostile.contract.read.tried() == 3
    assert (hostile.balance_wei, world.ether) == (100 - taken, 600 - taken)


def test_ether_sent_without_a_deposit_is_refused(world):
    stranger = world.address("stranger")
    plain = world.contract.transaction("totals", sender=stranger, value_wei=5)
    (receipt,) = world.chain.transact_many([plain])
    assert not receipt.status
    nothing = type(plain)(stranger, world.contract.address, b"", 5)
    (receipt,) = world.chain.transact_many([nothing])
    assert not receipt.status
    assert world.ether == 0
