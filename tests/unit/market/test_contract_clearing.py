"""Rounds that are cleared in parts, that a rule cannot clear, and that nobody clears."""

from dataclasses import replace
from pathlib import Path

import pytest
from market_world import CLEARED, CLEARING, RULES, World

from p2p_cosim.chain.artifact import load_artifact, parse_artifact
from p2p_cosim.chain.contract import deploy
from p2p_cosim.core.errors import RevertError
from p2p_cosim.market.rules import Places

SOURCE = Path(__file__).parents[2] / "fixtures" / "WrongRule.json"
WRONG_RULE = parse_artifact(SOURCE.read_text(encoding="utf-8"), "WrongRule.json")


def fails(error_name, action, **values):
    with pytest.raises(RevertError) as caught:
        action()
    assert (caught.value.name, caught.value.args_by_name) == (error_name, values)


def pair(bid, ask, energy_wh, buy, sell):
    return bid << 160 | ask << 144 | energy_wh << 112 | buy << 56 | sell


class WrongWorld(World):
    """A market whose rule answers what a test tells it."""

    def deploy(self):
        operator = self.address("operator")
        self.rule = deploy(self.chain, WRONG_RULE, [], operator)
        settlement = deploy(self.chain, load_artifact("DualPrice"), [], operator)
        roles = map(self.address, ("operator", "meter_oracle", "utility", "surplus"))
        places = Places(*roles, self.rule.address, settlement.address)
        config = RULES.config(places, self.chain.timestamp)
        return deploy(self.chain, load_artifact("OpenMarket"), [config], operator)

    def answer(self, *pairs):
        self.rule.transact("answer", list(pairs), sender=self.address("operator"))


@pytest.fixture
def wrong():
    """Orders 0: bid of 10 Wh at 50, 1: ask of 8 Wh at 20, 2: bid of 4 Wh at 30, cancelled."""
    world = WrongWorld()
    world.deposit(buyer=1_000, seller=80)
    world.bid("buyer", 10, 50)
    world.ask("seller", 8, 20)
    world.bid("buyer", 4, 30)
    world.cancel(2, by="buyer")
    return world


@pytest.mark.parametrize(
    "bad",
    [
        pair(3, 1, 1, 30, 30),  # no such order
        pair(0, 3, 1, 30, 30),
        pair(1, 1, 1, 20, 20),  # an ask as bid, within its limit
        pair(0, 0, 1, 50, 50),  # a bid as ask, within its limit
        pair(2, 1, 1, 30, 30),  # cancelled
        pair(0, 1, 1, 51, 30),  # above the buyer's limit
        pair(0, 1, 1, 30, 19),  # below the seller's limit
        pair(0, 1, 1, 30, 31),  # more for the seller than the buyer pays
    ],
)
def test_a_pair_that_breaks_a_limit_stops_the_clearing(wrong, bad):
    good = pair(0, 1, 1, 40, 30)
    wrong.answer(good, bad)
    fails("PairRefused", wrong.clear, index=1, pair=bad)
    wrong.answer(good)
    wrong.clear()


def test_an_order_is_filled_no_further_than_its_energy(wrong):
    wrong.answer(pair(0, 1, 5, 40, 30), pair(0, 1, 4, 40, 30))
    fails("Overfilled", wrong.clear, orderId=1, filledWh=9, energyWh=8)
    wrong.answer(pair(0, 1, 5, 40, 30), pair(0, 1, 3, 50, 20))
    wrong.clear()


def test_what_lies_between_two_prices_goes_to_the_surplus_account(wrong):
    wrong.answer(pair(0, 1, 5, 40, 30), pair(0, 1, 2, 45, 20))
    cleared = next(e.args for e in wrong.clear() if e.name == "RoundCleared")
    assert cleared["surplusWei"] == 5 * 10 + 2 * 25
    assert cleared["price"] == wrong.past(1).price == (5 * 40 + 2 * 45) // 7
    assert wrong.accounts(["buyer", "surplus", "utility"]) == {
        "buyer": (1_000 - 5 * 40 - 2 * 45, 0, 7),
        "surplus": (100, 0, 0),
        "utility": (0, 0, 0),
    }
    wrong.settle(seller=-7, buyer=7)
    assert wrong.account("seller") == (80 + 5 * 30 + 2 * 20, 0, -7)


@pytest.mark.parametrize("orders_at_once", [1, 2, 3, 9])
def test_a_rule_that_fails_stops_a_round_until_anybody_aborts_it(wrong, orders_at_once):
    wrong.rule.transact("fail", sender=wrong.address("operator"))
    with pytest.raises(RevertError) as caught:
        wrong.clear()
    assert caught.value.name.startswith("0x")  # the rule's own error
    abort = ("abort", 1, orders_at_once)
    opens_at = wrong.gate() + 2 * RULES.grace_s
    wrong.until(opens_at - 1)
    fails("TooEarly", lambda: wrong.send(*abort, by="stranger"), opensAt=opens_at)
    wrong.wait(1)
    events = wrong.send(*abort, by="stranger")
    begun = [event.args for event in events if event.name == "ClearingBegun"]
    assert events[0].name == "RoundAborted"
    assert len(begun) == (orders_at_once < 3)
    while wrong.past(1).phase == CLEARING:
        told = (begun[0]["book"], begun[0]["pairs"])
        wrong.send("clearNext", 1, *told, orders_at_once, by="stranger")
    assert wrong.accounts(["buyer", "seller"]) == {"buyer": (1_000, 0, 0), "seller": (80, 0, 0)}
    assert (wrong.past(1).phase, wrong.past(1).openPositions) == (CLEARED, 0)
    wrong.check_money(["buyer", "seller"])


def begin(world, paid_out):
    """Three orders of which two trade, the first `paid_out` of them paid out; the two arrays."""
    world.deposit(a=1_000, b=1_000, seller=80)
    world.bid("a", 10, 50)
    world.ask("seller", 8, 20)
    world.bid("b", 4, 30)
    world.until(world.gate())
    events = world.send("clearInParts", 1, paid_out, by="operator")
    told = next(event.args for event in events if event.name == "ClearingBegun")
    return told["book"], told["pairs"]


def test_while_a_round_is_paid_out_the_next_one_takes_orders(world):
    book, pairs = begin(world, 1)
    assert (world.past(1).phase, world.past(1).paidOut) == (CLEARING, 1)
    assert world.bid("b", 1, 7) == 0  # in the place of an order that is not paid out yet
    world.until(world.gate())
    fails("WrongPhase", world.clear, present=CLEARING, needed=CLEARED)
    world.until(world.delivered(1))
    for call in (("settle", 1, [], True), ("endRound", 1)):
        error = world.fails(*call, by="meter_oracle")
        assert error.args_by_name == {"present": CLEARING, "needed": CLEARED}
    world.wait(10 * RULES.grace_s)
    assert world.fails("abort", 2, 9, by="stranger").name == "WrongPhase"
    world.send("clearNext", 1, book, pairs, 9, by="stranger")
    assert (world.past(1).phase, world.past(1).paidOut) == (CLEARED, 0)
    fails(
        "WrongPhase",
        lambda: world.send("clearNext", 1, book, pairs, 9, by="stranger"),
        present=CLEARED,
        needed=CLEARING,
    )
    # Two graces count from when the round could be cleared, which was just now.
    fails(
        "TooEarly",
        lambda: world.send("abort", 2, 9, by="stranger"),
        opensAt=world.chain.timestamp + 2 * RULES.grace_s,
    )


def test_only_the_pairs_of_the_beginning_are_paid_out(world):
    book, pairs = begin(world, 0)
    dearer = [p + 1 for p in pairs]
    for other in ((book, dearer), (book, ()), (book[:2], pairs), (book[::-1], pairs)):
        with pytest.raises(RevertError) as caught:
            world.send("clearNext", 1, *other, 9, by="operator")
        assert caught.value.name == "WrongClearing"
    fails(
        "WrongRound",
        lambda: world.send("clearNext", 2, book, pairs, 9, by="operator"),
        given=2,
        present=1,
    )
    world.send("clearNext", 1, book, pairs, 0, by="stranger")
    assert (world.past(1).phase, world.past(1).paidOut) == (CLEARING, 0)
    paid = [world.send("clearNext", 1, book, pairs, 2, by="stranger") for _ in range(2)]
    assert [events[-1].args["orderId"] for events in paid] == [2, 3]
    assert world.accounts(["a", "seller", "b"]) == {
        "a": (1_000 - 8 * 35, 0, 8),
        "seller": (0, 0, -8),
        "b": (1_000, 0, 0),
    }
    assert world.position("seller").lockedWei == 8 * 35 + 80


def test_a_round_may_be_cleared_in_parts_by_anybody_after_the_grace_period(world):
    world.bid("a", 1, 0)
    world.until(world.gate())
    fails(
        "NotAuthorized",
        lambda: world.send("clearInParts", 1, 0, by="stranger"),
        caller=world.address("stranger"),
        allowed=world.address("operator"),
        opensToAllAt=world.gate() + RULES.grace_s,
    )
    world.wait(RULES.grace_s)
    world.clear_in_parts(1, by="stranger")
    assert world.past(1).phase == CLEARED


def test_who_pays_out_parts_is_rewarded_from_the_end_of_the_grace_period():
    world = World(replace(RULES, finisher_reward_wei=10))
    world.deposit(operator=1_000)
    book, pairs = begin(world, 0)
    world.until(world.gate(1) + RULES.grace_s - 1)
    world.send("clearNext", 1, book, pairs, 1, by="early")
    world.wait(1)
    world.send("clearNext", 1, book, pairs, 1, by="in_time")
    assert [world.account(name)[0] for name in ("early", "in_time")] == [0, 10]


def test_each_of_several_parts_is_told(world):
    world.bid("a", 1, 0)
    assert "PaidOut" not in [event.name for event in world.clear_in_parts(1)]
    world.settle()
    for name in "ab":
        world.bid(name, 1, 0)
    parts = [event for event in world.clear_in_parts(1) if event.name == "PaidOut"]
    assert [event.args["orderId"] for event in parts] == [1, 2]


def test_an_empty_round_has_nothing_to_pay_out(world):
    assert [e.name for e in world.clear_in_parts(1)] == ["RoundCleared", "RoundOpened"]
    assert world.past(1).phase == CLEARED
