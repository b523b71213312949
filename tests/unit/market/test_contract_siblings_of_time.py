"""More relatives of what the audit found: late gates, last looks, requests that stand."""

from dataclasses import replace

import pytest
from market_world import CLEARED, RULES, TARIFF, World
from seam_world import SeamWorld

from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.signing import Terms, signed_order

RETAIL, FEED_IN = TARIFF.retail_wei_per_wh, TARIFF.feed_in_wei_per_wh


def sign(world, order):
    terms = Terms(world.address(order.trader), world.round_id, 0, 2**40 - 1)
    return signed_order(order, terms, world.contract.read.domainSeparator())


# ------------------------------------------------------------------------- last looks (L8)


def test_nobody_but_the_operator_adds_orders_to_a_clearing():
    """After the grace period a stranger sees the book, and would take the dear bid in the
    transaction that clears."""
    world = World()
    world.deposit(b=5_000, s=5_000, sniper=5_000)
    world.bid("b", 100, 50)
    world.ask("s", 100, 40)
    world.until(world.gate() + RULES.grace_s)
    own = sign(world, Order("sniper", Side.ASK, 100, 39))
    error = world.fails("clearSigned", 1, [own], 9, by="sniper")
    assert (error.name, error.args_by_name["allowed"]) == (
        "NotAuthorized",
        world.address("operator"),
    )
    world.send("clearSigned", 1, [], 9, by="sniper")  # as `clear`
    assert world.position("s").contractedWh == -100


# ---------------------------------------------------------------- late gates (M3) and parts (L1)


def test_a_round_that_is_skipped_changes_no_charge_of_one_that_is_paid_out():
    """Charges stand by place, for odd and even rounds: those of round 3 would freeze round 1."""
    world = SeamWorld(admission=True)
    world.deposit(a=1_000, b=1_000, late=1_000)
    world.admit("a", "b", "late")
    world.set_admission(2**32 - 1, 3)
    world.bid("a", 10, 20)
    world.ask("b", 6, 20)
    world.until(world.gate(2) + 1)
    events = world.send("clearInParts", 1, 0, by="operator")
    (begun,) = (event.args for event in events if event.name == "ClearingBegun")
    world.set_admission(2**32 - 1, 9)
    world.bid("late", 1, 1)
    world.send("clearNext", 1, begun["book"], begun["pairs"], 9, by="stranger")
    assert world.past(1).phase == CLEARED
    assert world.accounts(["a", "b", "surplus"]) == {
        "a": (1_000 - 6 * 23, 0, 6),
        "b": (1_000 - 6 * 13, 0, -6),
        "surplus": (2 * 6 * 3, 0, 0),
    }
    world.check_money(["a", "b", "late"])


@pytest.mark.parametrize("late", range(2, 6))
def test_no_more_rounds_are_skipped_than_charges_need(late):
    plain, charging = World(), SeamWorld(admission=True)
    for world in (plain, charging):
        world.until(world.gate(late) + 1)
        world.send("clear", 1, by="operator")
    assert charging.round_id == plain.round_id + plain.round_id % 2  # odd rounds follow even ones


def test_an_abort_after_a_late_gate_gives_back_what_admission_charged():
    world = SeamWorld(admission=True)
    world.deposit(a=1_000, b=1_000)
    world.admit("a", "b")
    world.set_admission(2**32 - 1, 3)
    world.bid("a", 10, 20)
    world.ask("b", 6, 20)
    world.until(world.gate() + 2 * RULES.grace_s)
    events = world.send("abort", 1, 1, by="a")
    (begun,) = (event.args for event in events if event.name == "ClearingBegun")
    world.set_admission(2**32 - 1, 9)
    world.ask("b", 1, 1)  # in place 0 of the next round
    world.send("clearNext", 1, begun["book"], begun["pairs"], 9, by="b")
    assert world.accounts(["a", "surplus"]) == {"a": (1_000, 0, 0), "surplus": (0, 0, 0)}
    assert world.account("b")[0] == 1_000 - (RETAIL - 1) - 9


# -------------------------------------------------------------- requests that stand (M4)


def test_a_standing_request_takes_no_money_that_a_trade_waits_for():
    """It takes out what is free at any time. What is locked stays and pays for the trade; what the
    house eats beside it is owed, as without any order, and stops its next order."""
    world = World()
    world.deposit(a=10_000, b=10_000, utility=10_000)
    world.send("requestWithdrawal", 2**88 - 1, by="a")
    world.clear()
    world.settle()
    world.ask("a", 100, 20)
    world.bid("b", 100, 20)
    world.send("withdraw", 9_000, by="a")  # all but the margin, at once
    world.clear()
    world.send("requestWithdrawal", 2**88 - 1, by="b")
    world.settle(a=50, b=100)  # a sold 100 Wh, delivered none and ate 50
    assert world.account("a") == (0, -50 * RETAIL, 50)
    assert world.account("b")[1] == 0
    assert world.fails("placeAsk", world.round_id, 1, 30, by="a").name == "DebtOutstanding"
    world.clear()  # nothing is frozen
    world.settle()
    world.send("withdraw", 1_000, by="b")
    world.send("depositFor", world.address("a"), by="b", value_wei=50 * RETAIL + 1)
    assert world.account("a")[:2] == (1, 0)
    world.check_money("ab")


def test_a_standing_request_of_the_utility_takes_no_claim_of_a_settled_round():
    """What it owes of rounds that are not settled yet it can take out; claims then wait for it."""
    world = World()
    world.deposit(utility=1_000)
    world.send("requestWithdrawal", 2**88 - 1, by="utility")
    for _ in range(2):
        world.clear()
        world.settle(a=-200)
    assert world.account("a")[0] == 1_000
    assert world.totals.claimsWei == 2 * 200 * FEED_IN - 1_000
    world.deposit(utility=100)
    assert world.fails("withdraw", 1, by="utility").name == "BalanceTooLow"
    world.send("payClaims", by="a")
    assert world.account("a")[0] == 1_100 - 1  # claims paid in part are rounded down
    world.check_money("a")


# --------------------------------------------------- tariffs and pumps of two accounts (H1)


def test_a_wash_trade_sets_no_price_that_pays_for_energy_nobody_delivered():
    """A round's price is what all pay on average. Two accounts of one person raise it, and a third
    has bought for nothing from a fourth that delivers nothing: together they lose."""
    world = World(replace(RULES, mechanism="continuous"))
    mine = ["w1", "w2", "cheap", "phantom"]
    world.deposit(utility=100_000, **dict.fromkeys(mine, 100_000))
    world.bid("w1", 1_000, 100)
    world.ask("w2", 1_000, 100)
    world.bid("cheap", 1_000, 0)
    world.ask("phantom", 1_000, 0)
    world.clear()
    world.settle(w1=0, w2=0, cheap=0, phantom=0)
    free = sum(balance for balance, _, _ in world.accounts(mine).values())
    assert free == 400_000 - 2 * 1_000 * (RETAIL - FEED_IN)
    assert world.account("utility")[0] == 100_000 + 2 * 1_000 * (RETAIL - FEED_IN)
    world.check_money(mine)


def test_a_tariff_of_a_round_is_that_of_its_covers_when_it_is_settled():
    """The setter moves the next tariffs between an order and its reading: nothing follows."""
    world = SeamWorld(replace(RULES, max_retail_wei_per_wh=60))
    world.deposit(a=10_000, b=10_000)
    world.ask("a", 100, 20)
    world.bid("b", 100, 20)
    world.send("setTariff", 2, 60, 60, by="tariff setter")
    assert world.fails("setTariff", 1, 60, 60, by="tariff setter").name == "WrongRound"
    world.clear()
    assert world.fails("setTariff", 2, 1, 1, by="tariff setter").name == "WrongRound"
    world.settle(round_id=1, a=0, b=0)
    assert world.account("a")[:2] == (10_000 + 100 * (20 - RETAIL), 0)
    assert world.account("b")[:2] == (10_000 - 100 * (20 - FEED_IN), 0)
    world.ask("a", 100, 20)
    assert world.book.escrowWei == 100 * (60 - 20)
