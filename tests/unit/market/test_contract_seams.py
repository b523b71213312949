"""What may be put in front of and behind the market: admission, settlement rules, tariffs."""

from dataclasses import replace

import pytest
from market_world import RING, RULES, World
from seam_world import SeamWorld

from p2p_cosim.core.errors import RevertError
from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.signing import Terms, signed_order


def sign(world, order):
    terms = Terms(world.address(order.trader), world.round_id, 0, 2**40 - 1)
    return signed_order(order, terms, world.contract.read.domainSeparator())


def test_admission_refuses_with_a_reason_in_every_way_of_submission():
    world = SeamWorld(admission=True)
    world.deposit(a=1_000)
    error = world.fails("placeBid", 1, 1, 1, by="a")
    assert (error.name, error.args_by_name) == ("AdmissionRefused", {"reason": b"nope"})
    events = world.send("placeSigned", 1, [sign(world, Order("a", Side.BID, 1, 1))], by="operator")
    (refused,) = (event.args for event in events if event.name == "SignedOrderRefused")
    error = world.contract.revert_error("placeSigned", refused["reason"] + bytes(32))
    assert error.name == "AdmissionRefused"
    world.admit("a")
    world.bid("a", 1, 1)


def test_admission_lowers_the_energy_to_an_envelope():
    world = SeamWorld(replace(RULES, min_energy_wh=2), admission=True)
    world.deposit(a=1_000)
    world.admit("a")
    world.set_admission(7, 0)
    events = world.send("placeBid", 1, 100, 10, by="a")
    assert "OrderCharged" not in [event.name for event in events]
    assert (world.contract.read.order(0).energy, world.book.escrowWei) == (7, 70)
    world.bid("a", 5, 10)
    assert world.contract.read.order(1).energy == 5
    world.set_admission(1, 0)
    assert world.fails("placeBid", 1, 100, 10, by="a").name == "EnergyBelowMinimum"


@pytest.mark.parametrize("signed", [False, True])
def test_admission_charges_for_what_trades_and_gives_the_rest_back(signed):
    world = SeamWorld(admission=True)
    world.deposit(a=1_000, b=1_000)
    world.admit("a", "b")
    world.set_admission(2**32 - 1, 3)
    orders = [Order("a", Side.BID, 10, 20), Order("b", Side.ASK, 6, 20)]
    if signed:
        batch = [sign(world, order) for order in orders]
        world.until(world.gate())
        events = world.send("clearSigned", 1, batch, 9, by="operator")
    else:
        events = world.send("placeBid", 1, 10, 20, by="a")
        assert world.book.escrowWei == 10 * 23
        world.cancel(0, by="a")
        assert world.account("a")[0] == 1_000
        world.bid("a", 10, 20)
        world.ask("b", 6, 20)
        assert world.book.escrowWei == 10 * 23 + 6 * 13
        world.clear_in_parts(1)
    charged = [e.args["chargePerWh"] for e in events if e.name == "OrderCharged"]
    assert charged == [3] * (2 if signed else 1)
    assert world.accounts(["a", "b", "surplus"]) == {
        "a": (1_000 - 6 * 23, 0, 6),
        "b": (1_000 - 6 * 13, 0, -6),
        "surplus": (2 * 6 * 3, 0, 0),
    }
    assert world.position("b").lockedWei == 6 * 30
    world.settle(a=6, b=-6)
    world.check_money("ab")


def test_a_settlement_rule_of_ones_own():
    world = SeamWorld(excess=0)  # one price of 19 for short and long
    world.deposit(a=1_000, b=1_000, utility=1_000)
    world.bid("a", 10, 20)
    world.ask("b", 10, 20)
    world.clear()
    world.settle(a=12, b=-13)
    assert world.accounts("ab") == {"a": (800 - 2 * 19, 0, 12), "b": (1_200 + 3 * 19, 0, -13)}


def test_a_settlement_rule_of_ones_own_settles_what_was_not_read():
    world = SeamWorld(excess=0)
    world.deposit(a=1_000, b=1_000)
    world.bid("a", 10, 20)
    world.ask("b", 10, 20)
    for _ in range(1 + RING):
        world.clear()
        world.settle()
    world.send("release", world.address("b"), 1, by="a")  # without a meter: 10 Wh short
    assert world.account("b") == (1_200 - 10 * 19, 0, 0)


def test_a_settlement_rule_charges_no_more_than_the_covers_are_made_for():
    world = SeamWorld(excess=1)
    world.deposit(a=1_000)
    world.clear()
    world.metered.add("a")
    rows = [(world.address("a"), 0)]
    world.until(world.delivered(1))
    error = world.fails("settle", 1, rows, True, by="meter_oracle")
    values = {"trader": world.address("a"), "chargeWei": 1, "limitWei": 0}
    assert (error.name, error.args_by_name) == ("ChargeRefused", values)
    world.until(world.delivered(1) + RULES.grace_s)
    world.send("endRound", 1, by="stranger")  # stops a settlement, and not the market


def test_a_rule_that_credits_beyond_any_position_is_refused():
    world = SeamWorld(excess=-(2**83) - 1)
    world.clear()
    world.register("a")
    world.until(world.delivered(1))
    rows = [(world.address("a"), 0)]
    error = world.fails("settle", 1, rows, True, by="meter_oracle")
    assert (error.name, error.args_by_name["chargeWei"]) == ("ChargeRefused", -(2**83) - 1)
    most = SeamWorld(excess=-(2**83))
    most.clear()
    most.settle(a=0)
    assert most.account("a") == (0, 2**83, 0)


def test_tariffs_are_set_for_rounds_to_come_within_bounds():
    rules = replace(RULES, max_retail_wei_per_wh=40, min_feed_in_wei_per_wh=-4)
    world = SeamWorld(rules)
    setter = "tariff setter"
    for tariff in ((0, 0), (41, 8), (30, -5), (30, 31)):
        error = world.fails("setTariff", 2, *tariff, by=setter)
        values = dict(zip(("retail", "feedIn"), tariff, strict=True))
        assert (error.name, error.args_by_name) == ("TariffOutOfBounds", values)
    assert world.fails("setTariff", 1, 40, 8, by=setter).name == "WrongRound"
    assert world.fails("setTariff", 2, 40, 8, by="operator").name == "NotAuthorized"
    world.send("setTariff", 2, 40, -4, by=setter)
    events = world.clear()
    opened = next(event.args for event in events if event.name == "RoundOpened")
    assert (opened["round"], opened["retail"], opened["feedIn"]) == (2, 40, -4)
    world.settle()
    world.deposit(a=1_000, b=1_000)
    world.bid("a", 10, 20)
    world.ask("b", 10, 20)
    assert world.book.escrowWei == 10 * 24 + 10 * 20
    world.clear()
    world.settle(a=11, b=-12)
    assert world.accounts("ab") == {"a": (760 + 40 - 40, 0, 11), "b": (1_200 - 2 * 4, 0, -12)}
    assert world.past(3).retail == 30  # as configured, again


def test_without_a_setter_tariffs_stay():
    with pytest.raises(RevertError, match="NotAuthorized"):
        World().send("setTariff", 2, 30, 8, by="operator")


def test_a_second_market_has_a_book_of_its_own():
    """A day-ahead market is a second instance beside the first one, with books of its own."""
    first = World()
    second = World(replace(RULES, interval_s=3_600), first.chain)
    first.deposit(a=100)
    second.deposit(a=200)
    second.bid("a", 10, 20)
    assert (first.account("a")[0], second.account("a")[0]) == (100, 0)
    assert (first.book.orders, second.book.orders) == (0, 1)
