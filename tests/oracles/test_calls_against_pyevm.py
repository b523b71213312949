"""Contracts that call each other and come back, on the default chain against py-evm."""

from dataclasses import replace

import pytest
from families import run_families
from market_world import T0, World
from random_programs import MAKERS

from p2p_cosim.chain.generated import GeneratedChain, interpreter, library, writer
from p2p_cosim.chain.generated.library import library_of
from p2p_cosim.chain.generated.program import program_of
from p2p_cosim.chain.pyevm import PyEvmChain
from p2p_cosim.core.types import Order, Receipt, Side, Transaction

FAMILIES = 1


@pytest.mark.parametrize("bound", ["no bound", "MOST_WRITTEN", "LONG_WAY", "MOST_PENDING"])
def test_families_do_the_same(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where functions end early, or no more are written."""
    seed = {"no bound": 4, "MOST_WRITTEN": 5, "LONG_WAY": 8, "MOST_PENDING": 12}[bound]
    for module, most in ((library, 400), (interpreter, 100), (writer, 1)):
        if hasattr(module, bound):
            monkeypatch.setattr(module, bound, most)
    expected = run_families(PyEvmChain(), FAMILIES, seed)
    for make in MAKERS:
        for cache in (library_of, program_of):
            cache.cache_clear()
        assert run_families(make(), FAMILIES, seed) == expected
    statuses = [seen.status for seen in expected if isinstance(seen, Receipt)]
    assert 3 < sum(statuses) < len(statuses)


def traded(chain: PyEvmChain | GeneratedChain) -> World:
    """A market in which the ways of a round have been gone twice, and the next is open."""
    world = World(chain=chain)
    world.deposit(ann=10**6, bob=10**6, cid=10**6)
    world.register("ann", "bob", "cid")
    for _ in range(2):
        world.bid("ann", 100, 30)
        world.ask("bob", 80, 10)
        world.clear()
        world.settle(ann=90, bob=-80)
    world.bid("ann", 100, 30)
    return world


def ask(world: World) -> Transaction:
    return world.placement(Order("cid", Side.ASK, 80, 10))


def clear(world: World) -> Transaction:
    world.until(world.gate())
    return world.contract.transaction("clear", world.round_id, sender=world.address("operator"))


def settle(world: World) -> Transaction:
    past = world.round_id - 1
    world.until(world.delivered(past))
    rows = [(world.address(name), wh) for name, wh in (("ann", 90), ("cid", -60))]
    oracle = world.address("meter_oracle")
    return world.contract.transaction("settle", past, rows, True, sender=oracle)


def test_gas_may_run_out_anywhere_in_a_market() -> None:
    """In an order, a clearing and a settlement, of ways that have been gone before."""
    worlds = [traded(chain) for chain in (PyEvmChain(timestamp=T0), GeneratedChain(timestamp=T0))]
    for make in (ask, clear, settle):
        seen = [outcomes(world.chain, make(world)) for world in worlds]
        assert seen[0] == seen[1]
        assert {receipt.status for receipt, _ in seen[0]} == {True, False}


def outcomes(
    chain: PyEvmChain | GeneratedChain, transaction: Transaction
) -> list[tuple[Receipt, bytes]]:
    """Receipts and state roots by gas limit; the last one has enough, and stays."""
    before = chain.snapshot()
    seen = []
    for gas_limit in (*range(30_000, 60_000, 4_999), *range(60_000, 300_000, 19_973), 400_000):
        chain.revert(before)
        (receipt,) = chain.transact_many([replace(transaction, gas_limit=gas_limit)])
        seen.append((receipt, chain.state_root()))
    return seen
