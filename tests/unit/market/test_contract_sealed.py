"""Sealed orders: committed to while the round is open, revealed when the gate has closed."""

import pytest
from market_world import CLEARED, OPEN, RULES, World

from p2p_cosim.chain.rules import CHAIN_ID
from p2p_cosim.core.errors import RevertError
from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.deployment import deploy_sealed_market
from p2p_cosim.market.signing import commitment

BOND_WEI, REVEAL_S = 50, 300
SALT, OTHER_SALT = b"\x01" * 32, b"\x02" * 32
SIDES = {Side.BID: 1, Side.ASK: 2}
BID, ASK = Order("a", Side.BID, 10, 50), Order("b", Side.ASK, 8, 20)


def fails(error_name, action, **values):
    with pytest.raises(RevertError) as caught:
        action()
    assert (caught.value.name, caught.value.args_by_name) == (error_name, values)


class SealedWorld(World):
    def __init__(self):
        super().__init__()
        self.contract = deploy_sealed_market(self.chain, RULES, BOND_WEI, REVEAL_S)
        self.deposit(a=1_000, b=200, mallory=1_000)

    def hash(self, order, round_id=0, salt=SALT):
        trader, market = self.address(order.trader), self.contract.address
        return commitment(CHAIN_ID, market, round_id, order, trader, salt)

    def commit(self, order, cover_wei=0, round_id=0):
        what = (self.hash(order, round_id), cover_wei)
        *_, told = self.send("commit", *what, by=order.trader)
        round_and_trader = (self.round_id, self.address(order.trader))
        assert (told.name, tuple(told.args.values())) == ("Committed", (*round_and_trader, *what))

    def close(self, by="operator"):
        (told,) = self.send("closeGate", self.round_id, by=by)
        until = self.chain.timestamp + REVEAL_S
        assert (told.name, tuple(told.args.values())) == ("GateClosed", (self.round_id, until))

    def reveal(self, order, salt=SALT, by=None):
        what = (SIDES[order.side], order.energy_wh, order.price_wei_per_wh, salt)
        return self.send("reveal", *what, by=by or order.trader)

    def check_solvency(self):
        names = ("a", "b", "mallory", "utility")
        balances = sum(balance for balance, _, _ in self.accounts(names).values())
        sealed_wei = self.contract.read.sealedWei()
        assert self.ether == balances + self.round.escrow + sealed_wei


@pytest.fixture
def world():
    return SealedWorld()


def test_a_sealed_round(world):
    world.commit(BID, cover_wei=600)
    world.commit(ASK)
    assert world.account("a") == (1_000 - BOND_WEI - 600, 0, 0)
    world.check_solvency()
    world.close()
    (placed,) = world.reveal(BID)
    assert (placed.args["orderId"], placed.args["energy"], placed.args["price"]) == (0, 10, 50)
    assert world.account("a") == (1_000 - 500, 0, 0)
    world.reveal(ASK)
    world.check_solvency()
    world.wait(REVEAL_S + 1)
    world.clear()
    assert world.round.phase == CLEARED
    assert world.accounts("ab") == {"a": (1_000 - 8 * 35, 0, 8), "b": (200 + 8 * 35, 0, -8)}
    world.settle()
    world.check_solvency()
    assert world.contract.read.sealedWei() == 0
    world.commit(BID, round_id=1)


def test_the_hash_is_the_contracts(world):
    what = (world.address("a"), 3, SIDES[BID.side], BID.energy_wh, BID.price_wei_per_wh, SALT)
    assert world.contract.read.commitmentOf(*what) == world.hash(BID, round_id=3)


def test_nothing_but_commitments_enters_the_book(world):
    for call in (
        lambda: world.bid("a", 1, 1),
        lambda: world.ask("a", 1, 1),
        lambda: world.send("cancel", 0, by="a"),
        lambda: world.send("placeSigned", 0, [], by="operator"),
        lambda: world.send("clearSigned", 0, [], 1, by="operator"),
    ):
        fails("SealedOnly", call)


def test_a_wrong_reveal_is_refused_and_the_right_one_still_taken(world):
    world.commit(BID, cover_wei=500)
    world.close()
    dearer = Order("a", Side.BID, 10, 49)
    committed = world.hash(BID)
    fails(
        "WrongReveal",
        lambda: world.reveal(dearer),
        given=world.hash(dearer),
        committed=committed,
    )
    fails(
        "WrongReveal",
        lambda: world.reveal(BID, OTHER_SALT),
        given=world.hash(BID, salt=OTHER_SALT),
        committed=committed,
    )
    world.reveal(BID)
    fails("NothingCommitted", lambda: world.reveal(BID), trader=world.address("a"))


def test_a_copied_commitment_cannot_be_revealed(world):
    world.commit(BID, cover_wei=500)
    world.send("commit", world.hash(BID), 500, by="mallory")
    world.close()
    world.reveal(BID)
    copied = Order("mallory", BID.side, BID.energy_wh, BID.price_wei_per_wh)
    fails(
        "WrongReveal",
        lambda: world.reveal(copied),
        given=world.hash(copied),
        committed=world.hash(BID),
    )


def test_a_commitment_is_for_one_round(world):
    world.send("commit", world.hash(BID, round_id=1), 500, by="a")
    world.close()
    with pytest.raises(RevertError, match="WrongReveal"):
        world.reveal(BID)


def test_too_early_and_too_late(world):
    world.commit(BID, cover_wei=500)
    fails("GateIsOpen", lambda: world.reveal(BID), round=0)
    fails("GateIsOpen", world.clear, round=0)
    fails("GateIsOpen", lambda: world.send("forfeit", world.address("a"), by="b"), round=0)
    fails("AlreadyCommitted", lambda: world.commit(BID), trader=world.address("a"))
    world.close()
    closed_at, until = world.chain.timestamp, world.chain.timestamp + REVEAL_S
    fails("GateIsClosed", lambda: world.commit(ASK), round=0, closedAt=closed_at)
    fails("GateIsClosed", world.close, round=0, closedAt=closed_at)
    world.wait(REVEAL_S)
    fails("RevealIsOpen", world.clear, until=until)
    fails("RevealIsOpen", lambda: world.send("forfeit", world.address("a"), by="b"), until=until)
    world.wait(1)
    fails("RevealIsOver", lambda: world.reveal(BID), until=until)


@pytest.mark.parametrize("when", ["before clearing", "in the next round", "by the next commit"])
def test_who_does_not_reveal_forfeits_the_bond_and_no_more(world, when):
    world.commit(BID, cover_wei=500)
    world.commit(ASK)
    world.close()
    world.reveal(ASK)
    world.wait(REVEAL_S + 1)
    if when == "before clearing":
        (lost,) = world.send("forfeit", world.address("a"), by="b")
        assert lost.args == {"round": 0, "trader": world.address("a"), "bondWei": BOND_WEI}
    world.clear()  # waits for nobody
    world.settle()
    if when == "in the next round":
        world.send("forfeit", world.address("a"), by="b")
    if when == "by the next commit":
        world.commit(BID, cover_wei=0, round_id=1)
        assert world.account("a") == (1_000 - 2 * BOND_WEI, 0, 0)
    else:
        assert world.account("a") == (1_000 - BOND_WEI, 0, 0)
        trader = world.address("a")
        fails("NothingCommitted", lambda: world.send("forfeit", trader, by="b"), trader=trader)
    assert world.account("utility") == (BOND_WEI, 0, 0)
    world.check_solvency()


def test_what_an_order_may_be(world):
    world.commit(BID, cover_wei=499)
    world.commit(Order("b", Side.ASK, 1_001, 1))
    world.close()
    fails("CoverTooLow", lambda: world.reveal(BID), costWei=500, coverWei=499)
    fails(
        "EnergyAboveMaximum",
        lambda: world.reveal(Order("b", Side.ASK, 1_001, 1)),
        energy=1_001,
        maximum=1_000,
    )


def test_an_order_without_a_side_is_none(world):
    neither = (world.address("a"), 0, 0, 10, 50, SALT)
    world.send("commit", world.contract.read.commitmentOf(*neither), 500, by="a")
    world.close()
    fails("UnknownSide", lambda: world.send("reveal", 0, 10, 50, SALT, by="a"), side=0)


def test_committing_takes_the_money_first(world):
    values = {"neededWei": 1_001, "availableWei": 1_000}
    fails(
        "BalanceTooLow",
        lambda: world.commit(BID, cover_wei=1_001 - BOND_WEI),
        trader=world.address("a"),
        **values,
    )
    fails(
        "UtilityCannotTrade",
        lambda: world.send("commit", SALT, 0, by="utility"),
        utility=world.address("utility"),
    )


def test_anybody_closes_the_gate_after_the_grace_period(world):
    with pytest.raises(RevertError, match="NotAuthorized"):
        world.close(by="stranger")
    world.wait(RULES.grace_s)
    world.close(by="stranger")
    world.wait(REVEAL_S + 1)
    assert world.round.phase == OPEN
    world.clear(by="stranger")
    assert world.round.phase == CLEARED


@pytest.mark.parametrize(
    ("bond_wei", "reveal_s", "parameter"), [(0, 1, "bondWei"), (1, 0, "revealSeconds")]
)
def test_a_seal_without_bond_or_time_is_refused(world, bond_wei, reveal_s, parameter):
    fails(
        "InvalidConfig",
        lambda: deploy_sealed_market(world.chain, RULES, bond_wei, reveal_s),
        parameter=parameter,
        value=0,
        limit=1,
    )
