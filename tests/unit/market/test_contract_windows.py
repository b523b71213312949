"""How long the oracle can tell readings of a round, however the operator times its clearings.

A clearing ends the window for the round `RING` before it. Payouts that are late, in parts, or that
skip rounds must not shorten it: a meter without a reading counts as having delivered.
"""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from late_gates import WINDOW_S, begin, waits_until, world_with_a_sale
from market_world import CLEARED, RING, RULES, SETTLED, TARIFF, World

from p2p_cosim.core.errors import RevertError

NOT_DELIVERED = (10_000 + 100 * (35 - TARIFF.retail_wei_per_wh), 0, 0)


def tell_that_nothing_was_delivered(world):
    world.settle(round_id=1, friend=0, b=100)
    assert world.account("friend") == NOT_DELIVERED


def test_a_gate_that_is_cleared_late_leaves_the_oracle_its_time():
    world = world_with_a_sale()
    world.until(world.gate(RING + 3))
    world.send("clear", 1, by="operator")
    assert world.round_id == RING + 3
    assert waits_until(world) == world.past(1).since + WINDOW_S
    tell_that_nothing_was_delivered(world)
    world.send("clear", world.round_id, by="operator")  # nobody waits for readings any more


def test_without_the_oracle_the_market_goes_on_when_it_had_its_time():
    world = world_with_a_sale()
    world.until(world.gate(RING + 3))
    world.send("clear", 1, by="operator")
    world.until(world.past(1).since + WINDOW_S)
    world.send("clear", world.round_id, by="operator")
    assert world.fails("settle", 1, [], True, by="meter_oracle").name == "WrongRound"
    world.send("release", world.address("friend"), 1, by="stranger")


@pytest.mark.parametrize("grace_s", [60, RULES.interval_s, WINDOW_S + 1])
def test_nobody_but_the_oracle_ends_a_round_that_was_paid_out_late_before_it_had_its_time(grace_s):
    """Its end ends the wait of the next gate too: who paid it out late would do that itself."""
    world = world_with_a_sale(grace_s)
    world.until(world.gate(RING + 3))
    world.send("clear", 1, by="operator")
    ends_at = world.past(1).since + max(WINDOW_S, grace_s)
    world.until(ends_at - 1)
    error = world.fails("endRound", 1, by="operator")
    assert error.args_by_name["opensToAllAt"] == ends_at
    world.until(ends_at)
    world.send("endRound", 1, by="operator")


def test_the_oracle_ends_a_round_that_was_paid_out_late_and_with_it_the_wait():
    world = world_with_a_sale()
    world.until(world.gate(RING + 3))
    world.send("clear", 1, by="operator")
    world.until(world.gate())
    assert waits_until(world) == world.past(1).since + WINDOW_S
    world.send("endRound", 1, by="meter_oracle")
    assert world.past(1).phase == SETTLED
    world.send("clear", world.round_id, by="operator")


def test_two_late_gates_leave_the_oracle_its_time():
    """Round 1 cleared just before the gate of round 4, and round 4 at its gate: round 5 would end
    the window of round 1 an interval later."""
    world = world_with_a_sale()
    world.until(world.gate(4) - 1)
    world.send("clear", 1, by="operator")
    world.until(world.gate(4))
    world.send("clear", 4, by="operator")
    assert world.round_id == 1 + RING
    assert waits_until(world) == world.past(1).since + WINDOW_S
    tell_that_nothing_was_delivered(world)


@pytest.mark.parametrize("begun_late", [False, True])
def test_a_clearing_that_is_finished_late_leaves_the_oracle_its_time(begun_late):
    """The next round opened when the clearing began, so that its own gate goes at once when that
    is finished, and the gate after it would end the window seconds later."""
    world = world_with_a_sale()
    world.until(world.gate(2) + 1 if begun_late else world.gate())
    finish = begin(world)
    following = world.round_id
    world.until(world.gate(1 + RING) - 3)
    assert world.fails("settle", 1, [], False, by="meter_oracle").name == "WrongPhase"
    finish()
    world.send("clear", following, by="operator")
    assert world.round_id == 1 + RING
    world.until(world.gate())
    assert waits_until(world) == world.past(1).since + WINDOW_S
    tell_that_nothing_was_delivered(world)
    world.send("settle", following, [], True, by="meter_oracle")
    world.send("clear", 1 + RING, by="operator")


def test_an_abort_waits_as_a_clearing_does():
    world = world_with_a_sale()
    world.until(world.gate(RING + 3))
    world.send("clear", 1, by="operator")
    opens_at = waits_until(world)
    assert world.fails("abort", world.round_id, 9, by="b").args_by_name == {"opensAt": opens_at}
    world.until(opens_at)
    error = world.fails("abort", world.round_id, 9, by="b")
    assert error.args_by_name == {"opensAt": opens_at + 2 * world.rules.grace_s}


def test_gates_in_time_never_wait_for_a_silent_oracle():
    world = world_with_a_sale()
    for _ in range(2 * RING):
        world.until(world.gate())
        world.send("clear", world.round_id, by="operator")


def test_nothing_is_settled_of_a_round_that_was_skipped():
    world = World()
    world.until(world.gate(3) + 1)
    world.send("clear", 1, by="operator")
    world.register("a")
    for skipped in (2, 3):
        world.until(world.delivered(skipped))
        rows = [(world.address("a"), 1)]
        assert world.fails("settle", skipped, rows, True, by="meter_oracle").name == "WrongPhase"


ENDS = st.sampled_from((None, "meter_oracle", "stranger"))


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.integers(1, 5 * RULES.interval_s), st.booleans(), ENDS),
        min_size=RING + 1,
        max_size=10,
    )
)
def test_no_timing_of_the_operator_shortens_a_window(moves):
    """Random delays, payouts in parts, rounds ended by the oracle or, as soon as they can, by
    strangers: each clearing goes when its gate has, and when every round whose window it ends, and
    that the oracle has not ended, had its time, no second before."""
    world = World(replace(RULES, grace_s=60))
    world.deposit(seller=100_000)
    readable = {}
    cleared = 0
    for delay_s, in_parts, ended_by in moves:
        round_id = world.round_id
        has_orders = world.chain.timestamp < world.gate()
        if has_orders:
            world.ask("seller", 1, 20)
        world.wait(delay_s)
        end_rounds(world, readable, ended_by)
        ends = [
            since + WINDOW_S
            for old, since in readable.items()
            if cleared - RING < old <= round_id - RING
        ]
        opens_at = max([world.gate(), *ends])
        if world.chain.timestamp < opens_at:
            assert waits_until(world) == opens_at
            world.until(opens_at)
        if in_parts and has_orders:
            finish = begin(world)
            world.wait(delay_s)
            finish()
        else:
            world.send("clear", round_id, by="operator")
        cleared = round_id
        readable[round_id] = max(world.past(round_id).since, world.delivered(round_id))


def end_rounds(world, readable, by):
    """Those that `by` may end. The oracle waits for no readings of them any more."""
    for round_id in [old for old in readable if by and world.past(old).phase == CLEARED]:
        with suppress(RevertError):  # too early
            world.send("endRound", round_id, by=by)
            if by == "meter_oracle":
                del readable[round_id]
