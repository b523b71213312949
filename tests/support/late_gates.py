"""Worlds whose operator clears or pays out late, and what its gates then wait for."""

from dataclasses import replace

from market_world import RING, RULES, World

WINDOW_S = (RING - 1) * RULES.interval_s  # the oracle's, to tell readings of a round


def world_with_a_sale(grace_s=8 * RULES.interval_s):
    """In round 1 a friend of the operator's sells 100 Wh, and delivers none of it."""
    world = World(replace(RULES, grace_s=grace_s))
    world.register("friend", "b")
    world.deposit(friend=10_000, b=10_000)
    world.bid("b", 100, 50)
    world.ask("friend", 100, 20)
    return world


def begin(world):
    """Clear the present round in parts; what finishes it."""
    round_id = world.round_id
    events = world.send("clearInParts", round_id, 0, by="operator")
    (begun,) = (event.args for event in events if event.name == "ClearingBegun")
    rest = (round_id, begun["book"], begun["pairs"], 9)
    return lambda: world.send("clearNext", *rest, by="operator")


def waits_until(world):
    """When the present round can be cleared, of the error that says so."""
    error = world.fails("clear", world.round_id, by="operator")
    assert error.name == "TooEarly"
    return error.args_by_name["opensAt"]
