"""Every custom error of the interface, with the values it carries."""

from dataclasses import replace
from pathlib import Path

import pytest
from market_world import CLEARED, OPEN, RULES, TARIFF, World

from p2p_cosim.chain.artifact import load_artifact
from p2p_cosim.core.errors import RevertError
from p2p_cosim.core.limits import MAX_ORDERS
from p2p_cosim.core.types import Tariff

# Those that take a contract to provoke, and those of a clearing that goes wrong.
OTHERS = (
    "test_contract_receivers.py",
    "test_contract_clearing.py",
    "test_contract_signed.py",
)


def fails(error_name, action, **values):
    with pytest.raises(RevertError) as caught:
        action()
    assert (caught.value.name, caught.value.args_by_name) == (error_name, values)


def test_no_error_of_the_interface_is_left_out():
    declared = {entry["name"] for entry in load_artifact().abi if entry["type"] == "error"}
    here = Path(__file__)
    paths = [here, *(here.parent / name for name in OTHERS)]
    texts = "".join(path.read_text(encoding="utf-8") for path in paths)
    assert {name for name in declared if f'"{name}"' not in texts} == set()


def test_strangers_wait_for_the_grace_period(world):
    opens = world.round.since + RULES.grace_s
    fails(
        "NotAuthorized",
        lambda: world.clear(by="stranger"),
        caller=world.address("stranger"),
        allowed=world.address("operator"),
        opensToAllAt=opens,
    )
    world.clear()
    fails(
        "NotAuthorized",
        lambda: world.settle(by="stranger"),
        caller=world.address("stranger"),
        allowed=world.address("meter_oracle"),
        opensToAllAt=opens,
    )


def test_strangers_never_report_readings(world):
    world.clear()
    world.wait(RULES.grace_s)
    fails(
        "NotAuthorized",
        lambda: world.settle(by="stranger", a=5),
        caller=world.address("stranger"),
        allowed=world.address("meter_oracle"),
        opensToAllAt=2**256 - 1,
    )


def test_rounds_end_in_order(world):
    fails("WrongRound", lambda: world.send("clear", 7, by="operator"), given=7, present=0)
    fails("WrongPhase", world.settle, present=OPEN, needed=CLEARED)
    world.clear()
    fails("WrongPhase", world.clear, present=CLEARED, needed=OPEN)
    fails("WrongPhase", lambda: world.ask("a", 1, 1), present=CLEARED, needed=OPEN)
    fails("WrongPhase", lambda: world.send("cancel", 0, by="a"), present=CLEARED, needed=OPEN)
    fails(
        "WrongRound",
        lambda: world.send("settle", 1, [], by="meter_oracle"),
        given=1,
        present=0,
    )


def test_order_limits():
    world = World(replace(RULES, min_energy_wh=10, max_orders=1))
    fails("EnergyBelowMinimum", lambda: world.ask("a", 9, 1), energy=9, minimum=10)
    fails("EnergyAboveMaximum", lambda: world.ask("a", 1_001, 1), energy=1_001, maximum=1_000)
    fails("PriceAboveMaximum", lambda: world.ask("a", 10, 101), price=101, maximum=100)
    assert world.ask("a", 10, 100) == 0
    fails("RoundFull", lambda: world.ask("a", 10, 100), limit=1)


def test_a_bid_needs_its_cost_in_the_free_balance(world):
    world.deposit(a=99)
    values = {"trader": world.address("a"), "neededWei": 100, "availableWei": 99}
    fails("BalanceTooLow", lambda: world.bid("a", 10, 10), **values)
    fails("BalanceTooLow", lambda: world.send("withdraw", 100, by="a"), **values)
    assert world.bid("a", 9, 11) == 0


def test_more_ether_than_balances_are_made_for_is_refused(world):
    most_wei = 2**88 - 1
    contract = int(world.contract.address, 16)
    world.chain._world[contract].balance = most_wei  # there is not as much on the chain
    fails(
        "TooMuchEther",
        lambda: world.deposit(a=1),
        heldWei=most_wei + 1,
        limitWei=most_wei,
    )


def test_orders_of_one_trader_are_limited():
    world = World(replace(RULES, max_orders=4, max_orders_per_trader=2))
    world.deposit(a=100)
    values = {"trader": world.address("a"), "limit": 2}
    for round_id in range(2):
        world.ask("a", 1, 1)
        world.send("cancel", 0, by="a")  # a cancelled order has taken its place in the book
        world.bid("a", 1, 1)
        fails("TooManyOrders", lambda: world.ask("a", 1, 1), **values)
        fails("TooManyOrders", lambda: world.bid("a", 1, 1), **values)
        world.ask("b", 1, 1)
        world.ask("b", 1, 1)
        fails("RoundFull", lambda: world.ask("b", 1, 1), limit=4)
        world.clear()
        world.settle()
        assert world.round_id == round_id + 1


def test_a_trader_with_a_debt_cannot_bid(world):
    world.clear()
    world.settle(a=3)
    fails(
        "DebtOutstanding",
        lambda: world.bid("a", 1, 0),
        trader=world.address("a"),
        debtWei=3 * TARIFF.retail_wei_per_wh,
    )
    assert world.ask("a", 1, 0) == 0


def test_cancelling(world):
    fails("UnknownOrder", lambda: world.send("cancel", 0, by="a"), orderId=0, orders=0)
    fails("UnknownOrder", lambda: world.contract.read.order(0), orderId=0, orders=0)
    world.ask("a", 1, 1)
    fails(
        "NotYourOrder",
        lambda: world.send("cancel", 0, by="b"),
        orderId=0,
        trader=world.address("a"),
        caller=world.address("b"),
    )
    world.send("cancel", 0, by="a")
    fails("OrderAlreadyCancelled", lambda: world.send("cancel", 0, by="a"), orderId=0)


def test_readings(world):
    world.clear()
    for metered_wh in (1_001, -1_001, -(2**63)):
        fails(
            "ReadingOutOfRange",
            lambda wh=metered_wh: world.settle(a=wh),
            trader=world.address("a"),
            meteredWh=metered_wh,
            limit=1_000,
        )
    twice = [(world.address("a"), 1), (world.address("a"), 1)]
    fails(
        "ReadingRepeated",
        lambda: world.send("settle", 0, twice, by="meter_oracle"),
        round=0,
        trader=world.address("a"),
    )
    fails("UtilityHasNoMeter", lambda: world.settle(utility=1), utility=world.address("utility"))
    world.settle(a=1_000, b=-1_000)


def test_the_utility_cannot_trade(world):
    world.deposit(utility=100)
    utility = world.address("utility")
    fails("UtilityCannotTrade", lambda: world.bid("utility", 1, 1), utility=utility)
    fails("UtilityCannotTrade", lambda: world.ask("utility", 1, 1), utility=utility)


def test_money_of_a_trade_stays_until_it_is_settled(world):
    world.deposit(buyer=1_000, bystander=10)
    world.bid("buyer", 10, 50)
    world.ask("seller", 10, 50)
    world.clear()
    for name in ("buyer", "seller"):
        fails(
            "DeliveryPending",
            lambda name=name: world.send("withdraw", 1, by=name),
            trader=world.address(name),
            round=0,
        )
    world.send("withdraw", 10, by="bystander")
    world.settle()
    world.send("withdraw", 500, by="seller")


def test_a_round_whose_credits_differ_from_its_escrow_does_not_close(world):
    # No sequence of calls leads there, so the fault is put into the storage: one wei more
    # of escrow, which is what stands above the lowest 128 bits of the round's slot.
    world.deposit(a=1_000)
    world.bid("a", 10, 10)
    storage = world.chain._world[int(world.contract.address, 16)].storage
    slot = next(s for s in range(4) if storage.get(s, 0) >> 128 == 100)
    storage[slot] += 1 << 128
    assert world.round.escrow == 101
    fails("Unbalanced", world.clear, creditedWei=100, escrowWei=101)


WORTH = "maxEnergy * maxPrice"
ABOVE_RETAIL = Tariff(retail_wei_per_wh=30, feed_in_wei_per_wh=31)


@pytest.mark.parametrize(
    ("changes", "parameter", "value", "limit"),
    [
        ({"tariff": ABOVE_RETAIL}, "feedIn", 31, 30),
        ({"max_price_wei_per_wh": 29}, "retail", 30, 29),
        ({"min_energy_wh": 0}, "minEnergy", 0, 1),
        ({"min_energy_wh": 1_001}, "minEnergy", 1_001, 1_000),
        ({"max_orders": 0}, "maxOrders", 0, 1),
        ({"max_orders": MAX_ORDERS + 1}, "maxOrders", MAX_ORDERS + 1, MAX_ORDERS),
        ({"max_orders_per_trader": 0}, "maxOrdersPerTrader", 0, 1),
        ({"max_orders_per_trader": 1_025}, "maxOrdersPerTrader", 1_025, 1_024),
        ({"max_energy_wh": 2**39, "max_price_wei_per_wh": 2**25}, WORTH, 2**64, 2**64 - 1),
        ({"grace_s": 0}, "graceSeconds", 0, 1),
    ],
)
def test_rules_that_do_not_fit_are_refused_at_deployment(changes, parameter, value, limit):
    fails(
        "InvalidConfig",
        lambda: World(replace(RULES, **changes)),
        parameter=parameter,
        value=value,
        limit=limit,
    )


def test_a_weight_above_one_is_refused_at_deployment():
    fails(
        "WeightAboveMaximum",
        lambda: World(replace(RULES, k_basis_points=10_001)),
        kBasisPoints=10_001,
        limit=10_000,
    )


@pytest.mark.parametrize("role", ["operator", "meterOracle", "utility", "rule"])
def test_a_role_needs_an_address(role, world, monkeypatch):
    config = type(RULES).config
    zero = {role: "0x" + "00" * 20}
    monkeypatch.setattr(type(RULES), "config", lambda *args: config(*args) | zero)
    fails("InvalidConfig", World, parameter=role, value=0, limit=1)
