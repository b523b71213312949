"""Custom errors of the interfaces, with the values they carry."""

from dataclasses import replace
from pathlib import Path

import pytest
from market_world import CLEARED, OPEN, RULES, TARIFF, World

from p2p_cosim.chain.artifact import load_artifact
from p2p_cosim.core.errors import RevertError
from p2p_cosim.core.types import Tariff
from p2p_cosim.market.rules import MAX_ORDERS


def fails(error_name, action, **values):
    with pytest.raises(RevertError) as caught:
        action()
    assert (caught.value.name, caught.value.args_by_name) == (error_name, values)


@pytest.mark.parametrize("market", ["OpenMarket", "SealedMarket"])
def test_no_error_of_the_interface_is_left_out(market):
    declared = {entry["name"] for entry in load_artifact(market).abi if entry["type"] == "error"}
    paths = Path(__file__).parent.glob("test_contract_*.py")
    texts = "".join(path.read_text(encoding="utf-8") for path in paths)
    assert {name for name in declared if f'"{name}"' not in texts} == set()


def test_strangers_wait_for_the_grace_period(world):
    world.until(world.gate())
    fails(
        "NotAuthorized",
        lambda: world.clear(by="stranger"),
        caller=world.address("stranger"),
        allowed=world.address("operator"),
        opensToAllAt=world.gate() + RULES.grace_s,
    )


@pytest.mark.parametrize("call", [("settle", 1, [], True), ("registerMeters", [], 0)])
def test_strangers_never_report_readings_nor_register_meters(world, call):
    world.clear()
    world.wait(10 * RULES.grace_s)
    fails(
        "NotAuthorized",
        lambda: world.send(*call, by="stranger"),
        caller=world.address("stranger"),
        allowed=world.address("meter_oracle"),
        opensToAllAt=2**256 - 1,
    )


def test_calls_are_for_a_round(world):
    world.until(world.gate())
    for function, more in (("clear", ()), ("abort", (9,))):
        fails(
            "WrongRound",
            lambda f=function, m=more: world.send(f, 7, *m, by="operator"),
            given=7,
            present=1,
        )
    fails("WrongRound", lambda: world.send("placeAsk", 2, 1, 1, by="a"), given=2, present=1)
    fails("WrongRound", lambda: world.send("cancel", 0, 0, by="a"), given=0, present=1)
    world.until(world.delivered(1))
    fails(
        "WrongPhase",
        lambda: world.send("settle", 1, [], True, by="meter_oracle"),
        present=OPEN,
        needed=CLEARED,
    )
    fails(
        "WrongPhase",
        lambda: world.send("endRound", 5, by="meter_oracle"),
        present=0,
        needed=CLEARED,
    )


def test_order_limits():
    world = World(replace(RULES, min_energy_wh=10, max_orders=1))
    fails("EnergyBelowMinimum", lambda: world.ask("a", 9, 1), energy=9, minimum=10)
    fails("EnergyAboveMaximum", lambda: world.ask("a", 1_001, 1), energy=1_001, maximum=1_000)
    fails("PriceAboveMaximum", lambda: world.ask("a", 10, 101), price=101, maximum=100)
    assert world.ask("a", 10, 100) == 0
    fails("RoundFull", lambda: world.ask("a", 10, 100), limit=1)


def test_an_order_needs_its_cover_in_the_free_balance(world):
    world.deposit(a=99)
    values = {"trader": world.address("a"), "neededWei": 100, "availableWei": 99}
    fails("BalanceTooLow", lambda: world.bid("a", 10, 10), **values)
    fails("BalanceTooLow", lambda: world.ask("a", 10, 20), **values)
    assert world.bid("a", 4, 11) == 0
    assert world.ask("a", 5, 19) == 1


def test_more_ether_than_balances_are_made_for_is_refused(world):
    rich = "p2p_cosim faucet"
    fails(
        "TooMuchEther",
        lambda: world.send("deposit", by=rich, value_wei=2**88),
        heldWei=2**88,
        limitWei=2**88 - 1,
    )
    world.send("deposit", by=rich, value_wei=2**88 - 1)


def test_orders_of_one_trader_are_limited():
    world = World(replace(RULES, max_orders=4, max_orders_per_trader=2))
    world.deposit(a=100)
    values = {"trader": world.address("a"), "limit": 2}
    for _ in range(2):
        world.cancel(world.ask("a", 1, 1), by="a")  # counts
        world.bid("a", 1, 1)
        fails("TooManyOrders", lambda: world.ask("a", 1, 2), **values)
        fails("TooManyOrders", lambda: world.bid("a", 1, 1), **values)
        world.clear()
        world.settle()


def test_a_trader_with_a_debt_cannot_trade(world):
    world.clear()
    world.settle(a=3)
    debt = {"trader": world.address("a"), "debtWei": 3 * TARIFF.retail_wei_per_wh}
    fails("DebtOutstanding", lambda: world.bid("a", 1, 0), **debt)
    fails("DebtOutstanding", lambda: world.ask("a", 1, 30), **debt)


def test_cancelling(world):
    fails("UnknownOrder", lambda: world.cancel(0, by="a"), orderId=0, orders=0)
    fails("UnknownOrder", lambda: world.contract.read.order(0), orderId=0, orders=0)
    world.bid("a", 1, 0)
    fails(
        "NotYourOrder",
        lambda: world.cancel(0, by="b"),
        orderId=0,
        trader=world.address("a"),
        caller=world.address("b"),
    )
    world.cancel(0, by="a")
    fails(
        "NotYourOrder",
        lambda: world.cancel(0, by="a"),
        orderId=0,
        trader="0x" + "00" * 20,
        caller=world.address("a"),
    )


def test_roles_neither_trade_nor_have_a_meter(world):
    for role in ("utility", "surplus"):
        address = world.address(role)
        fails("RoleCannotTrade", lambda r=role: world.bid(r, 1, 0), account=address)
        fails("RoleCannotTrade", lambda r=role: world.ask(r, 1, 30), account=address)
        fails(
            "RoleCannotTrade", lambda r=role: world.send("consentToMeter", 1, by=r), account=address
        )


def test_a_withdrawal_is_requested_and_waits_for_its_round(world):
    world.deposit(a=1_000)
    values = {"trader": world.address("a")}
    fails(
        "WithdrawalPending",
        lambda: world.send("withdraw", 1, by="a"),
        **values,
        requestedWei=0,
        afterRound=0,
    )
    world.send("requestWithdrawal", 700, by="a")
    pending = {"requestedWei": 700, "afterRound": 1}
    fails("WithdrawalPending", lambda: world.send("withdraw", 1, by="a"), **values, **pending)
    world.clear()
    world.settle()
    fails("WithdrawalPending", lambda: world.send("withdraw", 701, by="a"), **values, **pending)
    world.send("withdraw", 600, by="a")
    assert tuple(world.contract.read.withdrawal(world.address("a"))) == (100, 1)
    pending = {"requestedWei": 100, "afterRound": 1}
    fails("WithdrawalPending", lambda: world.send("withdraw", 101, by="a"), **values, **pending)
    world.check_money("a")


def test_a_round_whose_credits_differ_from_its_escrow_does_not_close(world):
    # No sequence of calls leads there, so the fault is put into the storage: one wei more
    # of escrow, which stands above the lowest 136 bits of the book's slot.
    world.deposit(a=1_000)
    world.bid("a", 10, 10)
    storage = world.chain._world[int(world.contract.address, 16)].storage
    slot = next(s for s in range(16) if storage.get(s, 0) >> 136 == 100)
    storage[slot] += 1 << 136
    assert world.book.escrowWei == 101
    fails("Unbalanced", world.clear, creditedWei=100, escrowWei=101)


WORTH = "maxEnergy * maxPrice"
ABOVE_RETAIL = Tariff(retail_wei_per_wh=30, feed_in_wei_per_wh=31)


@pytest.mark.parametrize(
    ("changes", "parameter", "value", "limit"),
    [
        ({"tariff": ABOVE_RETAIL}, "feedIn", 31, 30),
        ({"tariff": Tariff(0, 0)}, "retail", 0, 1),
        ({"max_price_wei_per_wh": 29}, "maxRetail", 30, 29),
        ({"max_retail_wei_per_wh": 29}, "retail", 30, 29),
        ({"min_feed_in_wei_per_wh": 9}, "minFeedIn", 9, 8),
        ({"min_energy_wh": 0}, "minEnergy", 0, 1),
        ({"min_energy_wh": 1_001}, "minEnergy", 1_001, 1_000),
        ({"max_orders": 0}, "maxOrders", 0, 1),
        ({"max_orders": MAX_ORDERS + 1}, "maxOrders", MAX_ORDERS + 1, MAX_ORDERS),
        ({"max_orders_per_trader": 0}, "maxOrdersPerTrader", 0, 1),
        ({"max_orders_per_trader": 1_025}, "maxOrdersPerTrader", 1_025, 1_024),
        ({"open_places": 1_025}, "openPlaces", 1_025, 1_024),
        ({"max_energy_wh": 2**31, "max_price_wei_per_wh": 2**41}, WORTH, 2**72, 2**72 - 1),
        ({"grace_s": 59}, "graceSeconds", 59, 60),
        ({"interval_s": 59}, "interval", 59, 60),
        ({"open_s": 901}, "openSeconds", 901, 900),
        ({"cancel_s": 901}, "cancelSeconds", 901, 900),
        ({"first_gate": 7}, "firstGate", 7, 1_750_000_000),
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


def changed(monkeypatch, **entries):
    config = type(RULES).config
    monkeypatch.setattr(type(RULES), "config", lambda *args: config(*args) | entries)


@pytest.mark.parametrize("role", ["operator", "meterOracle", "utility", "surplusTo"])
def test_a_role_needs_an_address_of_its_own(role, monkeypatch):
    changed(monkeypatch, **{role: "0x" + "00" * 20})
    fails("InvalidConfig", World, parameter="role", value=0, limit=1)
    other = "utility" if role == "operator" else "operator"
    changed(monkeypatch, **{role: "0x" + "11" * 20, other: "0x" + "11" * 20})
    number = int("11" * 20, 16)
    fails("InvalidConfig", World, parameter="role", value=number, limit=number)


@pytest.mark.parametrize("rule", ["clearingRule", "settlementRule", "admission"])
def test_a_rule_needs_code(rule, monkeypatch):
    changed(monkeypatch, **{rule: "0x" + "22" * 20})
    fails("InvalidConfig", World, parameter=rule, value=0, limit=1)
