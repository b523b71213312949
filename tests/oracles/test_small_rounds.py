"""Trading never makes a debt that cannot be collected: every round of small worlds.

`make small-rounds` plays larger ones. Here are the smaller, each on the contract that ships and on
the reference.
"""

from dataclasses import replace
from math import prod

import pytest
from small_market import SmallMarket
from small_rounds import main
from small_walk import Tally, walks
from small_worlds import SHORT

from p2p_cosim.core.types import Side, Tariff

ONE, THREE, NOBODY_READS, TWO_ROUNDS = SHORT


def played(world):
    tally = Tally()
    for walk in walks(world, tally):
        for _ in walk.play():
            pass
    return tally


@pytest.mark.parametrize("world", SHORT, ids=lambda world: world.name)
def test_no_round_of_a_small_world_makes_a_debt(world):
    tally = played(world)
    assert tally.told == []
    assert tally.faults == 0
    # Between two orders trade reduction leaves nothing; among three accounts it does not always.
    assert all(tally.traded[name] for name, _ in world.rules if name != "mcafee" or world is THREE)


@pytest.mark.parametrize("world", [ONE, THREE, NOBODY_READS], ids=lambda world: world.name)
def test_every_round_of_the_world_is_counted(world):
    rounds = [
        prod(len(world.choices(name, tariff)) for name in world.accounts)
        * len(world.ways)
        * len(world.rules)
        for tariff in world.tariffs
    ]
    assert played(replace(world, contract=False)).rounds == sum(rounds)


@pytest.mark.parametrize("side", [Side.ASK, Side.BID])
@pytest.mark.parametrize("world", [ONE, NOBODY_READS, TWO_ROUNDS], ids=lambda world: world.name)
def test_without_margins_of_a_side_debts_are_found(monkeypatch, side, world):
    """Of asks for what they do not deliver, of bids for what costs money to be left with."""
    margin = Tariff.margin_wei_per_wh

    def without(tariff, of, limit):
        return 0 if of is side else margin(tariff, of, limit)

    monkeypatch.setattr(Tariff, "margin_wei_per_wh", without)
    tally = played(replace(world, contract=False))
    assert tally.faults
    assert " owes " in tally.told[0]


def test_a_contract_that_refuses_what_the_reference_takes_is_told(monkeypatch):
    monkeypatch.setattr(Tariff, "margin_wei_per_wh", lambda self, side, limit: 0)
    assert "orders taken: contract (False,), reference (True,)" in played(NOBODY_READS).told[0]


def test_a_contract_that_settles_other_energy_is_told(monkeypatch):
    settle = SmallMarket.settle

    def delivered_less(market, state, round_id, way, traded):
        less = tuple(1 if wh == -1 else wh for wh in way)
        settle(market, state, round_id, less, traded)

    monkeypatch.setattr(SmallMarket, "settle", delivered_less)
    told = " ".join(played(replace(TWO_ROUNDS, rounds=1)).told)
    assert "owes 3, alone 0" in told
    assert "the contract ends with" in told


def test_money_that_is_not_where_it_was_paid_in_is_told(monkeypatch):
    ends = SmallMarket.ends
    monkeypatch.setattr(SmallMarket, "ends", lambda self, wei: ends(self, wei + 1))
    assert "3 wei are astray" in played(replace(TWO_ROUNDS, rounds=1)).told[0]


def test_the_command_tells_what_it_played_and_fails_if_it_found_something(monkeypatch, capsys):
    assert main(["--world", NOBODY_READS.name]) == 0
    out = capsys.readouterr().out
    assert "nobody reads, contract and reference: 1,989 rounds, 0 found" in out
    assert "0 debts, losses or other ends" in out
    ends = SmallMarket.ends
    monkeypatch.setattr(SmallMarket, "ends", lambda self, wei: ends(self, wei + 1))
    assert main(["--world", NOBODY_READS.name]) == 1
    assert "meters in the order of names: has no meter, read as 0 | " in capsys.readouterr().out
