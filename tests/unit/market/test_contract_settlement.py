"""Settlement by hand: retail 30, feed-in 8 wei/Wh. Tuples are (balance, position, energy)."""

import pytest
from market_world import RULES

from p2p_cosim.core.errors import RevertError


@pytest.fixture
def traded(world):
    """`buyer` has bought 10 Wh from `seller` at 20 wei/Wh, and has 300 wei left."""
    world.deposit(buyer=500, utility=1_000)
    world.bid("buyer", 10, 20)
    world.ask("seller", 10, 20)
    world.clear()
    assert world.accounts(["buyer", "seller"]) == {
        "buyer": (300, 0, 10),
        "seller": (200, 0, -10),
    }
    return world


def test_metered_as_contracted_costs_nothing(traded):
    (*_, settled) = traded.settle(buyer=10, seller=-10)
    assert settled.args == {"round": 0, "readings": 2, "missing": 0}
    assert traded.account("buyer") == (300, 0, 10)
    assert traded.account("utility") == (1_000, 0, 0)


def test_a_short_buyer_pays_retail_and_a_long_one_earns_the_feed_in(traded):
    traded.settle(buyer=14, seller=-13)
    assert traded.account("buyer") == (300 - 4 * 30, 0, 14)
    assert traded.account("seller") == (200 + 3 * 8, 0, -13)
    assert traded.account("utility") == (1_000 + 120 - 24, 0, -4 + 3)


def test_what_cannot_be_paid_stays_a_debt(traded):
    events = traded.settle(seller=0)  # delivered nothing of 10 Wh
    assert [event.name for event in events] == ["ImbalanceSettled", "PositionPaid", "RoundSettled"]
    assert events[1].args["paidWei"] == 200
    assert events[1].args["position"] == -100
    assert traded.account("seller") == (0, -100, 0)
    assert traded.account("utility") == (1_200, 0, -10)


def test_a_deposit_pays_the_debt_first(traded):
    traded.settle(seller=0)
    traded.deposit(seller=30)
    assert traded.account("seller") == (0, -70, 0)
    traded.deposit(seller=100)
    assert traded.account("seller") == (30, 0, 0)
    assert traded.account("utility") == (1_300, 0, -10)


def test_a_sale_pays_the_debt_first(traded):
    traded.settle(seller=0)
    traded.bid("buyer", 10, 15)
    traded.ask("seller", 10, 15)
    names = [event.name for event in traded.clear()]
    assert names == ["TradeCleared", "RoundCleared", "PositionPaid"]
    assert traded.account("seller") == (50, 0, -10)


def test_a_utility_out_of_money_owes_and_pays_later(world):
    world.clear()
    world.settle(pv=-100)
    assert world.account("pv") == (0, 800, -100)
    assert world.contract.read.claims() == 800
    assert world.send("payPosition", world.address("pv"), by="stranger") == []

    world.deposit(utility=500)
    with pytest.raises(RevertError, match="BalanceTooLow") as caught:
        world.send("withdraw", 1, by="utility")
    assert caught.value.args_by_name["availableWei"] == 0
    (paid,) = world.send("payPosition", world.address("pv"), by="stranger")
    assert (paid.args["paidWei"], paid.args["position"]) == (-500, 300)

    world.deposit(utility=400)
    world.clear()
    world.settle(pv=0)  # the next settlement pays what is still open
    assert world.account("pv") == (800, 0, -100)
    assert world.contract.read.claims() == 0
    world.send("withdraw", 100, by="utility")


def test_debts_collected_in_a_settlement_pay_claims_in_it_whatever_the_order(world):
    world.deposit(consumer=3_000)
    world.clear()
    world.settle(pv=-100, consumer=100)
    assert world.account("pv") == (800, 0, -100)
    assert world.account("utility") == (3_000 - 800, 0, 0)


def test_a_claim_is_set_off_against_later_charges(world):
    world.clear()
    world.settle(house=-100)
    world.clear()
    world.settle(house=20)
    assert world.account("house") == (0, 800 - 600, -80)
    assert world.contract.read.claims() == 200
    world.clear()
    world.settle(house=10)
    assert world.account("house") == (0, -100, -70)
    assert world.contract.read.claims() == 0


def test_a_missing_reading_means_delivered_as_contracted(traded):
    (*_, settled) = traded.settle(buyer=10)
    assert settled.args == {"round": 0, "readings": 1, "missing": 1}
    assert traded.account("seller") == (200, 0, -10)
    traded.send("withdraw", 200, by="seller")


def test_a_trader_whose_trades_cancel_out_still_has_an_open_position(world):
    world.deposit(trader=1_000)
    world.bid("trader", 10, 20)
    world.ask("trader", 10, 20)
    world.clear()
    assert world.round.openPositions == 1
    (*_, settled) = world.settle()
    assert settled.args["missing"] == 1
    assert world.account("trader") == (1_000, 0, 0)


def test_anybody_moves_the_round_on_after_the_grace_period(traded):
    traded.wait(RULES.grace_s)
    traded.settle(by="stranger")
    traded.bid("buyer", 1, 1)
    traded.wait(RULES.grace_s)
    traded.clear(by="stranger")
    assert traded.round_id == 1
    assert traded.account("buyer") == (300, 0, 10)


def test_readings_of_those_who_did_not_trade(world):
    world.deposit(idle=1_000)
    world.clear()
    world.settle(idle=7)
    assert world.account("idle") == (1_000 - 210, 0, 7)


def test_a_cancelled_bid_gives_back_exactly_its_escrow(world):
    world.deposit(a=1_000)
    world.bid("a", 7, 13)
    order_id = world.bid("a", 11, 17)
    (cancelled,) = world.send("cancel", order_id, by="a")
    assert cancelled.args["refundWei"] == 11 * 17
    assert world.round.escrow == 7 * 13
    assert world.account("a") == (1_000 - 7 * 13, 0, 0)
    assert world.contract.read.order(order_id).side == 0


def test_events_alone_rebuild_every_account(world):
    names = ["a", "b", "c", "utility"]
    receipts = []

    def send(function, *args, by, value_wei=0):
        receipts.append(
            world.contract.transact(function, *args, sender=world.address(by), value_wei=value_wei)
        )

    for round_id in range(3):
        send("deposit", by="a", value_wei=900)
        send("placeBid", 20, 25, by="a")
        send("placeBid", 5, 10, by="a")
        send("cancel", 1, by="a")
        send("placeAsk", 8, 12, by="b")
        send("placeAsk", 30, 14, by="c")
        send("placeBid", 4, 11, by="a")
        send("clear", round_id, by="operator")
        metered = {"a": 30, "b": 40, "c": -60}
        rows = [(world.address(name), wh) for name, wh in metered.items()]
        send("settle", round_id, rows, by="meter_oracle")
        send("deposit", by="b", value_wei=50)
    send("withdraw", 60, by="c")
    rebuilt = rebuild(world.events(receipts), world.address("utility"))
    assert world.accounts(names) == {name: rebuilt(world.address(name)) for name in names}


def rebuild(events, utility):
    """Accounts from events, as a web page without a node of its own would do it."""
    balance, position, energy, bids = {}, {}, {}, {}

    def add(book, key, amount):
        book[key] = book.get(key, 0) + amount

    for event in events:
        e = event.args
        match event.name:
            case "Deposited":
                add(balance, e["trader"], e["amountWei"])
            case "Withdrawn":
                add(balance, e["trader"], -e["amountWei"])
            case "OrderPlaced" if e["side"] == 1:
                bids[e["orderId"]] = (e["trader"], e["energy"] * e["price"])
                add(balance, e["trader"], -e["energy"] * e["price"])
            case "OrderCancelled":
                bids.pop(e["orderId"], None)
                add(balance, e["trader"], e["refundWei"])
            case "TradeCleared":
                add(balance, e["buyer"], -e["energy"] * e["buyPrice"])
                add(balance, e["seller"], e["energy"] * e["sellPrice"])
                add(balance, utility, e["energy"] * (e["buyPrice"] - e["sellPrice"]))
                add(energy, e["buyer"], e["energy"])
                add(energy, e["seller"], -e["energy"])
            case "RoundCleared":
                for trader, escrow in bids.values():
                    add(balance, trader, escrow)
                bids = {}
            case "ImbalanceSettled":
                add(position, e["trader"], -e["chargeWei"])
                add(energy, e["trader"], e["imbalanceWh"])
                add(energy, utility, -e["imbalanceWh"])
            case "PositionPaid":
                add(position, e["trader"], e["paidWei"])
                add(balance, e["trader"], -e["paidWei"])
                add(balance, utility, e["paidWei"])
                assert position[e["trader"]] == e["position"]
    return lambda who: (balance.get(who, 0), position.get(who, 0), energy.get(who, 0))
