"""Sealed orders: committed to until the gate, revealed when it has closed."""

from dataclasses import replace

import pytest
from market_world import CLEARED, OPEN, RULES, World

from p2p_cosim.chain.artifact import load_artifact
from p2p_cosim.chain.rules import CHAIN_ID
from p2p_cosim.core.errors import RevertError
from p2p_cosim.core.types import Order, Side
from p2p_cosim.market import Sealing
from p2p_cosim.market.deployment import deploy_market
from p2p_cosim.market.signing import commitment

BOND_WEI, REVEAL_S = 50, 300
SALT, OTHER_SALT = b"\x01" * 32, b"\x02" * 32
SIDES = {Side.BID: 1, Side.ASK: 2}
BID, ASK = Order("a", Side.BID, 10, 50), Order("b", Side.ASK, 8, 20)
NAMES = ("a", "b", "mallory")


def fails(error_name, action, **values):
    with pytest.raises(RevertError) as caught:
        action()
    assert (caught.value.name, caught.value.args_by_name) == (error_name, values)


class SealedWorld(World):
    def __init__(self, rules=RULES):
        super().__init__(rules)
        self.deposit(a=1_000, b=200, mallory=1_000)

    def deploy(self):
        rules = replace(self.rules, sealing=Sealing(BOND_WEI, REVEAL_S))
        return deploy_market(self.chain, rules)

    def hash(self, order, round_id=1, salt=SALT):
        trader, market = self.address(order.trader), self.contract.address
        return commitment(CHAIN_ID, market, round_id, order, trader, salt)

    def commit(self, order, cover_wei=0, round_id=1):
        what = (self.hash(order, round_id), cover_wei)
        *_, told = self.send("commit", round_id, *what, by=order.trader)
        assert (told.name, tuple(told.args.values())) == (
            "Committed",
            (round_id, self.address(order.trader), *what),
        )

    def close(self, round_id=1):
        """The first second in which orders can be revealed."""
        self.until(self.gate(round_id) + 1)

    def reveal(self, order, salt=SALT, round_id=1):
        what = (SIDES[order.side], order.energy_wh, order.price_wei_per_wh, salt)
        return self.send("reveal", round_id, *what, by=order.trader)

    def clear(self, by="operator"):
        self.until(self.gate() + REVEAL_S + 1)
        return super().clear(by)


@pytest.fixture
def world():
    return SealedWorld()


def test_a_sealed_round(world):
    world.commit(BID, cover_wei=600)
    world.commit(ASK, cover_wei=80)
    assert world.account("a") == (1_000 - BOND_WEI - 600, 0, 0)
    assert world.totals.sealedWei == 680 + 2 * BOND_WEI
    world.check_money(NAMES)
    world.close()
    revealed, placed = world.reveal(BID)
    assert (revealed.name, revealed.args["releasedWei"]) == ("Revealed", 600 + BOND_WEI)
    assert (placed.args["orderId"], placed.args["energy"], placed.args["price"]) == (0, 10, 50)
    assert world.account("a") == (1_000 - 500, 0, 0)
    world.reveal(ASK)
    world.check_money(NAMES)
    world.clear()
    assert world.past(1).phase == CLEARED
    assert world.accounts("ab") == {"a": (1_000 - 8 * 35, 0, 8), "b": (120, 0, -8)}
    world.settle(a=8, b=-8)
    assert world.account("b") == (200 + 8 * 35, 0, -8)
    world.check_money(NAMES)
    assert world.totals.sealedWei == 0
    world.commit(BID, round_id=2)


def test_the_hash_is_the_contracts(world):
    what = (world.address("a"), 3, SIDES[BID.side], BID.energy_wh, BID.price_wei_per_wh, SALT)
    assert world.contract.read.commitmentOf(*what) == world.hash(BID, round_id=3)


def test_nothing_but_commitments_enters_the_book(world):
    known = {entry.get("name") for entry in load_artifact("SealedMarket").abi}
    assert not known & {"placeBid", "placeAsk", "cancel", "placeSigned", "clearSigned"}


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
    world.send("commit", 1, world.hash(BID), 500, by="mallory")
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
    world.send("commit", 1, world.hash(BID, round_id=2), 500, by="a")
    world.close()
    with pytest.raises(RevertError, match="WrongReveal"):
        world.reveal(BID)
    fails("WrongRound", lambda: world.reveal(BID, round_id=2), given=2, present=1)


def test_a_hash_of_zero_is_refused(world):
    """It stood for none: the money was lost, and one account could take every place."""
    fails("NoHash", lambda: world.send("commit", 1, bytes(32), 900, by="a"))


def test_too_early_and_too_late(world):
    gate = world.gate()
    forfeit = ("forfeit", world.address("a"))
    world.commit(BID, cover_wei=500)
    fails("AlreadyCommitted", lambda: world.commit(BID), trader=world.address("a"))
    world.until(gate)
    world.commit(ASK, cover_wei=80)  # in the last second
    fails("TooEarly", lambda: world.reveal(BID), opensAt=gate + 1)
    world.close()
    order = Order("mallory", Side.ASK, 1, 1)
    fails("TooLate", lambda: world.commit(order), closedAt=gate)
    world.until(gate + REVEAL_S)
    error = world.fails("clear", 1, by="operator")
    assert (error.name, error.args_by_name["opensAt"]) == ("TooEarly", gate + REVEAL_S + 1)
    fails("TooEarly", lambda: world.send(*forfeit, by="b"), opensAt=gate + REVEAL_S + 1)
    world.reveal(ASK)  # in the last second
    world.wait(1)
    fails("TooLate", lambda: world.reveal(BID), closedAt=gate + REVEAL_S)


@pytest.mark.parametrize("when", ["before clearing", "in the next round", "by the next commit"])
def test_who_does_not_reveal_forfeits_the_bond_and_no_more(world, when):
    world.commit(BID, cover_wei=500)
    world.commit(ASK, cover_wei=80)
    world.close()
    world.reveal(ASK)
    world.wait(REVEAL_S)
    if when == "before clearing":
        (lost,) = world.send("forfeit", world.address("a"), by="b")
        trader = world.address("a")
        assert lost.args == {"round": 1, "trader": trader, "bondWei": BOND_WEI, "coverWei": 500}
    world.clear()  # waits for nobody
    if when == "in the next round":
        world.send("forfeit", world.address("a"), by="b")
    if when == "by the next commit":
        world.commit(BID, cover_wei=0, round_id=2)
        assert world.account("a") == (1_000 - 2 * BOND_WEI, 0, 0)
    else:
        assert world.account("a") == (1_000 - BOND_WEI, 0, 0)
        trader = world.address("a")
        fails("NothingCommitted", lambda: world.send("forfeit", trader, by="b"), trader=trader)
    assert world.account("surplus") == (BOND_WEI, 0, 0)
    world.check_money(NAMES)


def test_what_an_order_may_be(world):
    world.commit(BID, cover_wei=499)
    world.commit(Order("b", Side.ASK, 1_001, 100))
    world.close()
    fails(
        "BalanceTooLow",
        lambda: world.reveal(BID),
        trader=world.address("a"),
        neededWei=500,
        availableWei=499,
    )
    fails(
        "EnergyAboveMaximum",
        lambda: world.reveal(Order("b", Side.ASK, 1_001, 100)),
        energy=1_001,
        maximum=1_000,
    )


def test_an_order_without_a_side_is_none(world):
    neither = (world.address("a"), 1, 0, 10, 50, SALT)
    world.send("commit", 1, world.contract.read.commitmentOf(*neither), 500, by="a")
    world.close()
    error = world.fails("reveal", 1, 0, 10, 50, SALT, by="a")
    assert error.name == "WrongReveal"


def test_committing_takes_the_money_first(world):
    fails(
        "BalanceTooLow",
        lambda: world.commit(BID, cover_wei=1_001 - BOND_WEI),
        trader=world.address("a"),
        neededWei=1_001,
        availableWei=1_000,
    )
    world.commit(BID, cover_wei=1_000 - BOND_WEI)
    assert world.account("a") == (0, 0, 0)
    for role in ("utility", "surplus"):
        error = world.fails("commit", 1, SALT, 0, by=role)
        assert (error.name, error.args_by_name["account"]) == (
            "RoleCannotTrade",
            world.address(role),
        )
    world.deposit(debtor=BOND_WEI)
    world.clear()
    world.settle(debtor=1_000)
    assert world.fails("commit", 2, SALT, 0, by="debtor").name == "DebtOutstanding"


def test_every_commitment_finds_its_place():
    from dataclasses import replace

    world = SealedWorld(replace(RULES, max_orders=2, open_places=1))
    world.register("a")
    world.commit(Order("b", Side.ASK, 1, 100))
    other = Order("mallory", Side.ASK, 1, 100)
    fails("RoundFull", lambda: world.commit(other), limit=1)
    world.commit(BID, cover_wei=500)
    world.register("mallory")
    fails("RoundFull", lambda: world.commit(other), limit=2)
    world.close()
    world.reveal(Order("b", Side.ASK, 1, 100))
    world.reveal(BID)
    world.clear()
    world.commit(Order("mallory", Side.ASK, 1, 100), round_id=2)


def test_anybody_clears_after_the_grace_period(world):
    opens_at = world.gate() + REVEAL_S + 1
    world.until(opens_at + RULES.grace_s - 1)
    assert world.fails("clear", 1, by="stranger").name == "NotAuthorized"
    world.wait(1)
    assert world.past(1).phase == OPEN
    world.clear(by="stranger")
    assert world.past(1).phase == CLEARED


def test_an_abort_waits_for_revealing_and_two_grace_periods(world):
    world.until(world.gate() + REVEAL_S + 2 * RULES.grace_s)
    opens_at = world.gate() + REVEAL_S + 1 + 2 * RULES.grace_s
    fails("TooEarly", lambda: world.send("abort", 1, 9, by="b"), opensAt=opens_at)
    world.wait(1)
    world.send("abort", 1, 9, by="b")


@pytest.mark.parametrize(
    ("bond_wei", "reveal_s", "parameter", "limit"),
    [
        (0, 60, "bondWei", 1),
        (1, 59, "revealSeconds", 60),
        (1, RULES.interval_s + 1, "revealSeconds", RULES.interval_s),
    ],
)
def test_a_seal_without_bond_or_with_a_wrong_window_is_refused(
    world, bond_wei, reveal_s, parameter, limit
):
    fails(
        "InvalidConfig",
        lambda: deploy_market(world.chain, replace(RULES, sealing=Sealing(bond_wei, reveal_s))),
        parameter=parameter,
        value=bond_wei if parameter == "bondWei" else reveal_s,
        limit=limit,
    )
