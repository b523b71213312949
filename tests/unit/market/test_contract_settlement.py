"""Settlement by hand: retail 30, feed-in 8 wei/Wh. Tuples are (balance, position, energy)."""

import pytest
from market_world import RING, World


@pytest.fixture
def traded(world):
    """`buyer` has bought 10 Wh from `seller` at 20 wei/Wh, and either has 300 wei left. The
    seller's margin of 100 wei and its proceeds of 200 are locked."""
    world.deposit(buyer=500, seller=400, utility=1_000)
    world.bid("buyer", 10, 20)
    world.ask("seller", 10, 20)
    world.clear()
    assert world.accounts(["buyer", "seller"]) == {
        "buyer": (300, 0, 10),
        "seller": (300, 0, -10),
    }
    assert world.totals.lockedWei == world.position("seller").lockedWei == 300
    return world


def test_metered_as_contracted_costs_nothing(traded):
    settled = traded.settle(buyer=10, seller=-10)[-1]
    assert (settled.name, settled.args) == ("RoundSettled", {"round": 1, "missing": 0})
    assert traded.accounts(["buyer", "seller", "utility"]) == {
        "buyer": (300, 0, 10),
        "seller": (600, 0, -10),
        "utility": (1_000, 0, 0),
    }
    assert traded.totals.lockedWei == 0


def test_a_short_buyer_pays_retail_and_a_long_seller_earns_the_feed_in(traded):
    traded.settle(buyer=14, seller=-13)
    assert traded.account("buyer") == (300 - 4 * 30, 0, 14)
    assert traded.account("seller") == (600 + 3 * 8, 0, -13)
    assert traded.account("utility") == (1_000 + 120 - 24, 0, -4 + 3)


def test_energy_bought_and_not_taken_earns_the_lesser_of_feed_in_and_price(world):
    world.deposit(buyer=500, seller=400, utility=1_000)
    world.bid("buyer", 10, 5)
    world.ask("seller", 10, 5)
    world.clear()
    world.settle(buyer=-4, seller=-10)
    # Of 14 Wh left over 10 were bought at 5; 4 were its own.
    assert world.account("buyer") == (450 + 10 * 5 + 4 * 8, 0, -4)


def test_a_seller_that_delivers_nothing_pays_from_what_is_locked(traded):
    events = traded.settle(seller=0)
    assert [event.name for event in events] == ["ImbalanceSettled", "RoundSettled"]
    told = events[0].args
    assert (told["chargeWei"], told["releasedWei"], told["paidWei"]) == (300, 300, 300)
    assert traded.account("seller") == (300, 0, 0)
    assert traded.account("utility") == (1_300, 0, -10)


def test_what_cannot_be_paid_stays_a_debt_and_credits_pay_it_first(world):
    world.deposit(house=100)
    world.clear()
    world.settle(house=10)
    assert world.account("house") == (0, -200, 10)
    assert world.account("utility") == (100, 0, -10)
    events = world.send("deposit", by="house", value_wei=30)
    assert [event.name for event in events] == ["Deposited", "DebtPaid"]
    assert events[1].args == {"trader": world.address("house"), "paidWei": 30, "debtWei": 170}
    world.deposit(house=200)
    assert world.account("house") == (30, 0, 10)
    assert world.account("utility") == (300, 0, -10)


def test_a_refund_of_nothing_collects_no_claim(world):
    """It would cost whoever clears, and be told in a round that gave the house nothing."""
    world.deposit(house=200, b=500)
    world.clear()
    world.bid("house", 10, 20)  # collects what there is
    world.ask("b", 10, 20)
    world.settle(house=-10)  # has a claim of 80
    world.deposit(utility=50)
    world.send("payClaims", by="stranger")
    assert "ClaimCollected" not in [event.name for event in world.clear()]
    told = world.send("deposit", by="house", value_wei=1)
    assert sorted(event.name for event in told) == ["ClaimCollected", "Deposited"]


def test_a_refund_pays_the_debt_first(world):
    world.deposit(house=500)
    world.clear()
    order_id = world.bid("house", 10, 45)  # for the next round, before this one is settled
    world.settle(house=5)
    assert world.account("house") == (0, -100, 5)
    world.cancel(order_id, by="house")
    assert world.account("house") == (350, 0, 5)


def test_a_utility_out_of_money_owes_and_pays_later(world):
    world.clear()
    world.settle(pv=-100)
    assert world.account("pv") == (0, 800, -100)
    assert world.totals.claimsWei == 800
    assert world.send("payClaims", by="stranger") == []

    world.deposit(utility=500)
    world.send("requestWithdrawal", 500, by="utility")
    world.clear()
    world.settle(last=False)
    world.until(world.delivered(2))
    paid = world.send("endRound", 2, by="meter_oracle")
    assert (paid[-1].name, paid[-1].args) == ("ClaimsPaid", {"paidWei": 500, "leftWei": 300})
    assert world.account("pv") == (500, 300, -100)
    assert world.fails("withdraw", 1, by="utility").name == "BalanceTooLow"

    world.deposit(utility=400)
    assert world.fails("withdraw", 101, by="utility").args_by_name["availableWei"] == 100
    world.clear()
    world.settle(pv=0)  # the next settlement pays what is still open
    assert world.account("pv") == (800, 0, -100)
    assert world.totals.claimsWei == 0
    world.send("withdraw", 100, by="utility")
    world.check_money(["pv"])


@pytest.mark.parametrize("names", [("pv", "consumer"), ("consumer", "pv")])
def test_debts_collected_in_a_settlement_pay_claims_in_it_whatever_the_order(world, names):
    world.deposit(consumer=3_000)
    world.clear()
    metered = {"pv": -100, "consumer": 100}
    world.settle(**{name: metered[name] for name in names})
    assert world.account("pv") == (800, 0, -100)
    assert world.account("utility") == (3_000 - 800, 0, 0)


def test_a_claim_is_set_off_against_later_charges(world):
    world.clear()
    world.settle(house=-100)
    world.clear()
    world.settle(house=20)
    assert world.account("house") == (0, 800 - 600, -80)
    assert world.totals.claimsWei == 200
    world.clear()
    world.settle(house=10)
    assert world.account("house") == (0, -100, -70)
    assert world.totals.claimsWei == 0


def test_a_missing_reading_locks_what_it_is_for(traded):
    settled = traded.settle(buyer=10)[-1]
    assert settled.args == {"round": 1, "missing": 1}
    assert traded.account("seller") == (300, 0, -10)
    assert traded.fails("release", traded.address("seller"), 1, by="seller").name == "WrongRound"


def next_rounds(world, count):
    for _ in range(count):
        world.clear()
        world.settle()


@pytest.mark.parametrize(("meter_wh", "ends_with"), [(100, 600), (1, 600), (0, 300)])
def test_when_the_window_is_over_a_missing_reading_is_what_it_stands_for(
    traded, meter_wh, ends_with
):
    if meter_wh:
        traded.register("seller", limit_wh=meter_wh)
    traded.settle(buyer=10)
    next_rounds(traded, RING)
    error = traded.fails("settle", 1, [], True, by="meter_oracle")
    assert error.name == "WrongRound"
    traded.send("release", traded.address("seller"), 1, by="stranger")
    assert traded.account("seller") == (ends_with, 0, -10 if meter_wh else 0)
    assert traded.fails("release", traded.address("seller"), 1, by="seller").name == "WrongRound"
    traded.check_money(["buyer", "seller"])


def test_a_reading_may_come_until_the_round_a_ring_later_is_cleared(traded):
    traded.settle(buyer=10)
    next_rounds(traded, RING - 1)
    traded.settle(seller=-10, round_id=1)
    assert traded.account("seller") == (600, 0, -10)


@pytest.mark.parametrize("fills", ["a trade", "a reading"])
def test_an_old_position_gives_way_to_a_new_one_and_is_settled_then(traded, fills):
    traded.register("seller")
    traded.settle(buyer=10)
    next_rounds(traded, RING - 1)
    if fills == "a trade":
        traded.bid("buyer", 1, 20)
        traded.ask("seller", 1, 20)
    traded.clear()
    if fills == "a reading":
        assert traded.account("seller") == (300, 0, -10)
        traded.settle(seller=0)
        assert traded.account("seller") == (600, 0, -10)
    else:
        assert traded.account("seller") == (590, 0, -11)
        traded.settle(seller=-1, buyer=1)
        assert traded.account("seller") == (620, 0, -11)
    traded.check_money(["buyer", "seller"])


def test_readings_of_those_who_did_not_trade(world):
    world.deposit(idle=1_000)
    world.clear()
    world.settle(idle=7)
    assert world.account("idle") == (1_000 - 210, 0, 7)


def test_a_reading_counts_once(traded):
    traded.settle(last=False, buyer=12)
    events = traded.settle(buyer=99)
    (refused,) = (e.args["reason"] for e in events if e.name == "ReadingRefused")
    error = traded.contract.revert_error("settle", refused + bytes(64))
    assert error.name == "ReadingRepeated"
    traded.register("seller")
    twice = [(traded.address("seller"), -10)] * 2
    events = traded.send("settle", 1, twice, True, by="meter_oracle")
    assert sum(event.name == "ReadingRefused" for event in events) == 1
    assert traded.accounts(["buyer", "seller"]) == {"buyer": (240, 0, 12), "seller": (600, 0, -10)}


def test_a_cancelled_order_gives_back_exactly_its_cover(world):
    world.deposit(a=1_000, b=1_000)
    world.bid("a", 7, 13)
    bid = world.bid("a", 11, 17)
    ask = world.ask("b", 3, 18)
    assert world.book.escrowWei == 7 * 13 + 11 * 17 + 3 * 12
    (cancelled,) = world.cancel(bid, by="a")
    assert cancelled.args["refundWei"] == 11 * 17
    (cancelled,) = world.cancel(ask, by="b")
    assert cancelled.args["refundWei"] == 3 * 12
    assert world.book.escrowWei == 7 * 13
    assert world.accounts("ab") == {"a": (1_000 - 7 * 13, 0, 0), "b": (1_000, 0, 0)}
    assert world.contract.read.order(bid).side == 0


def test_a_negative_feed_in_is_covered_by_bids_and_charged_for_what_is_left_over():
    from dataclasses import replace

    from market_world import RULES

    from p2p_cosim.core.types import Tariff

    world = World(replace(RULES, tariff=Tariff(30, -5)))
    world.deposit(buyer=1_000, seller=1_000, pv=100)
    world.bid("buyer", 10, 20)
    assert world.book.escrowWei == 10 * 25
    world.ask("seller", 10, 20)
    world.clear()
    assert world.position("buyer").lockedWei == 50
    world.settle(buyer=0, seller=-12, pv=-4)
    assert world.accounts(["buyer", "seller", "pv"]) == {
        "buyer": (1_000 - 200 - 50, 0, 0),
        "seller": (1_000 + 200 - 10, 0, -12),
        "pv": (80, 0, -4),
    }
