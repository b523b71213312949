"""Relatives of what the audit found, tried against the market as it is now."""

from dataclasses import replace

from market_world import RULES, TARIFF, World

from p2p_cosim.core.types import Tariff

RETAIL, FEED_IN = TARIFF.retail_wei_per_wh, TARIFF.feed_in_wei_per_wh
WIDEST_WH, DEAREST = 2**32 - 1, 2**55 - 1


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


def test_a_single_wei_pays_of_a_debt():
    world = World()
    world.clear()
    world.settle(debtor=1)
    world.deposit(debtor=1)
    assert world.account("debtor") == (0, 1 - RETAIL, 1)


def test_a_deposit_tells_of_no_debt_and_of_no_claim_that_is_paid_where_none_is():
    world = World()
    world.clear()
    world.settle(creditor=-1)  # the utility has nothing
    for name in ("creditor", "stranger"):
        told = world.send("deposit", by=name, value_wei=1)
        assert [event.name for event in told] == ["Deposited"]
    world.deposit(utility=FEED_IN)
    world.send("payClaims", by="stranger")
    told = world.send("deposit", by="creditor", value_wei=1)
    assert sorted(event.name for event in told) == ["ClaimCollected", "Deposited"]


def test_what_is_left_of_a_claim_is_rounded_up():
    world = World(replace(RULES, tariff=Tariff(RETAIL, 1)))
    world.clear()
    world.settle(a=-3)
    world.deposit(utility=1)
    world.send("payClaims", by="a")
    assert (world.totals.claimsWei, world.account("a")[1]) == (2, 3)
