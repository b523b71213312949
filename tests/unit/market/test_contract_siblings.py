"""Relatives of what the audit found, tried against the market as it is now."""

from dataclasses import replace

from market_world import RING, RULES, TARIFF, World

from p2p_cosim.core.types import Tariff

RETAIL, FEED_IN = TARIFF.retail_wei_per_wh, TARIFF.feed_in_wei_per_wh
WIDEST_WH, DEAREST = 2**32 - 1, 2**55 - 1


# ---------------------------------------------------------------- silence and late gates (M3)


def late_world():
    """A sale to be read, and an operator that cleared it so late that rounds were skipped."""
    world = World(replace(RULES, grace_s=8 * RULES.interval_s))
    world.register("friend", "b")
    world.deposit(friend=10_000, b=10_000)
    world.bid("b", 100, 50)
    world.ask("friend", 100, 20)
    world.until(world.gate(RING + 3))
    world.send("clear", 1, by="operator")
    assert world.round_id == RING + 3
    return world


def test_clearing_late_does_not_end_the_window_for_readings():
    """Nor does it pay a friend who delivered nothing as if it had delivered."""
    world = late_world()
    opens_at = world.past(1).since + world.rules.grace_s
    error = world.fails("clear", world.round_id, by="operator")
    assert (error.name, error.args_by_name) == ("TooEarly", {"opensAt": opens_at})
    world.settle(round_id=1, friend=0, b=100)
    assert world.account("friend") == (10_000 + 100 * (35 - RETAIL), 0, 0)
    world.send("clear", world.round_id, by="operator")


def test_after_a_late_gate_and_a_grace_period_the_market_goes_on_without_the_oracle():
    world = late_world()
    world.until(world.past(1).since + world.rules.grace_s)
    world.send("clear", world.round_id, by="operator")
    assert world.fails("settle", 1, [], True, by="meter_oracle").name == "WrongRound"
    world.send("release", world.address("friend"), 1, by="stranger")


# -------------------------------------------------------------------------- meters (M10), casts


def test_no_meter_is_wider_than_the_market():
    """A charge of the widest reading at the dearest price is beyond what a position holds."""
    rules = replace(
        RULES, tariff=Tariff(DEAREST, 0), max_price_wei_per_wh=DEAREST, max_energy_wh=2**16
    )
    world = World(rules)
    world.send("consentToMeter", WIDEST_WH, by="a")
    error = world.fails("registerMeters", [world.address("a")], 2**16 + 1, by="meter_oracle")
    assert error.name == "EnergyAboveMaximum"
    world.send("registerMeters", [world.address("a")], 2**16, by="meter_oracle")
    world.metered.add("a")
    world.clear()
    world.settle(a=2**16)
    assert world.account("a") == (0, -(2**16) * DEAREST, 2**16)


# ---------------------------------------------------------------------------- claims (L3)


def test_claims_are_paid_however_often_the_utility_fell_short():
    """After 100 rounds 10^-100 of the first claim is left: more digits than an index keeps."""
    world = World()
    world.clear()
    world.settle(a=-1_000, b=-1_000)
    for _ in range(100):
        world.clear()
        world.settle(a=-500)
        world.deposit(utility=world.totals.claimsWei * 9 // 10)
        world.send("payClaims", by="a")
    world.check_money("ab")
    # Of b's claim, that nobody added to, less than a wei is left; a's is all the others.
    assert world.account("a")[1] == world.totals.claimsWei + 1 < 500
    assert world.account("b")[:2] == (1_000 * FEED_IN - 1, 1)
    world.deposit(utility=world.totals.claimsWei)
    world.send("payClaims", by="a")
    earned = 1_000 * FEED_IN + 100 * 500 * FEED_IN
    assert world.accounts("ab") == {"a": (earned, 0, -51_000), "b": (1_000 * FEED_IN, 0, -1_000)}
    world.check_money("ab")


def test_what_rounding_has_paid_of_a_claim_goes_back_where_it_is_set_off():
    world = World()
    world.clear()
    world.settle(a=-3)
    world.deposit(a=100)
    for part in (3, FEED_IN - 3):
        world.deposit(utility=part)
        world.send("payClaims", by="a")
    # Two thirds of the claim are left by the index, a little more in whole wei.
    assert (world.totals.claimsWei, world.account("a")[1]) == (2 * FEED_IN, 2 * FEED_IN + 1)
    assert world.totals.paidWei == FEED_IN  # nobody has collected it yet
    world.clear()
    world.settle(a=1)
    assert (world.totals.claimsWei, world.totals.paidWei) == (0, 0)
    assert world.account("utility")[0] == RETAIL - 2 * FEED_IN
    world.check_money("a")


def test_when_the_last_claim_is_set_off_what_rounding_left_of_others_is_paid():
    world = World()
    world.clear()
    world.settle(a=-1, b=-1)
    world.deposit(utility=2 * FEED_IN - 1, a=100)
    world.send("payClaims", by="a")
    assert [world.account(name)[1] for name in "ab"] == [1, 1]  # half a wei each
    world.clear()
    world.settle(a=1)
    assert world.account("b") == (FEED_IN, 0, -1)
    world.check_money("ab")


def test_a_claim_of_one_wei_is_collected():
    world = World()
    world.clear()
    world.settle(a=-1, b=-1)
    for part in (2 * FEED_IN - 1, 1):
        world.deposit(utility=part)
        world.send("payClaims", by="a")
        world.deposit(a=1, b=1)  # which collects
    assert world.accounts("ab") == {"a": (FEED_IN + 2, 0, -1), "b": (FEED_IN + 2, 0, -1)}
    assert world.totals.paidWei == 0
    world.check_money("ab")


def test_what_is_left_of_a_claim_is_rounded_up():
    world = World(replace(RULES, tariff=Tariff(RETAIL, 1)))
    world.clear()
    world.settle(a=-3)
    world.deposit(utility=1)
    world.send("payClaims", by="a")
    assert (world.totals.claimsWei, world.account("a")[1]) == (2, 3)
