"""From when the grace periods of a gate count: from when the operator could have cleared it.

A round that is ended early lets the operator clear at once; who ends it, or waits for that, must
not find that the grace period is over already.
"""

from dataclasses import replace

import pytest
from late_gates import WINDOW_S, begin, waits_until, world_with_a_sale
from market_world import CLEARED, RING, RULES, World

GRACE_S = 60


def late_world(**changes):
    """Round 1 is cleared so late that the next gate waits for its readings; and that gate."""
    world = World(replace(RULES, grace_s=GRACE_S, **changes))
    world.until(world.gate(RING + 3) + 1)
    world.send("clear", 1, by="operator")
    world.deposit(loser=1_000, winner=1_000)
    world.bid("loser", 10, 50)
    world.ask("winner", 10, 20)
    world.until(world.gate())
    return world, world.round_id


@pytest.mark.parametrize("after_s", [1, 2 * GRACE_S + 1])
def test_who_ends_an_old_round_begins_no_grace_period_in_the_past(after_s):
    """An abort right behind the oracle's last reading would take the gate from the operator."""
    world, round_id = late_world()
    world.wait(after_s)
    assert waits_until(world) == world.past(1).since + WINDOW_S
    world.send("settle", 1, [], True, by="meter_oracle")
    since = world.chain.timestamp
    error = world.fails("abort", round_id, 9, by="loser")
    assert error.args_by_name == {"opensAt": since + 2 * GRACE_S}
    error = world.fails("clear", round_id, by="winner")
    assert error.args_by_name["opensToAllAt"] == since + GRACE_S
    world.send("clear", round_id, by="operator")
    assert world.position("winner", round_id).contractedWh == -10


def test_who_ends_an_old_round_late_begins_no_grace_period_anew():
    """When it is ended, its window was over, and the operator could have cleared since then."""
    world, round_id = late_world()
    since = waits_until(world)
    world.until(since + GRACE_S)
    world.send("endRound", 1, by="stranger")
    world.send("clear", round_id, by="winner")
    assert world.past(round_id).phase == CLEARED


def test_the_end_of_the_round_before_begins_no_grace_period_in_the_past():
    """Round 1 is paid out long after the gate of round 2, which nobody could clear before."""
    world = world_with_a_sale(GRACE_S)
    world.until(world.gate())
    finish = begin(world)
    world.until(world.gate(2) + 10 * GRACE_S)
    finish()
    paid_out = world.past(1).since
    assert paid_out == world.chain.timestamp
    world.send("settle", 1, [], True, by="meter_oracle")
    assert world.past(1).since == paid_out
    error = world.fails("abort", 2, 9, by="b")
    assert error.args_by_name == {"opensAt": paid_out + 2 * GRACE_S}
    error = world.fails("clear", 2, by="b")
    assert error.args_by_name["opensToAllAt"] == paid_out + GRACE_S
    world.send("clear", 2, by="operator")


def test_parts_of_a_gate_that_waited_are_rewarded_a_grace_period_after_that():
    """The operator begins as soon as it can: who is faster with the parts does nothing for it."""
    world, round_id = late_world(finisher_reward_wei=7)
    world.deposit(operator=100)
    since = waits_until(world)
    world.until(since)
    events = world.send("clearInParts", round_id, 0, by="operator")
    (begun,) = (event.args for event in events if event.name == "ClearingBegun")
    rest = (round_id, begun["book"], begun["pairs"], 1)
    world.until(since + GRACE_S - 1)
    world.send("clearNext", *rest, by="racer")
    world.until(since + GRACE_S)
    world.send("clearNext", *rest, by="finisher")
    assert world.accounts(["operator", "racer", "finisher"]) == {
        "operator": (93, 0, 0),
        "racer": (0, 0, 0),
        "finisher": (7, 0, 0),
    }
