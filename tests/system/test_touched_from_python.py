"""Whoever sends to a run's chain from Python makes it another run, which can be run again."""

from __future__ import annotations

from pathlib import Path

import p2p_cosim as p2p
from p2p_cosim.core.types import read_outside
from p2p_cosim.dapp.outside import replay, terms_of

SCENARIO = p2p.load("three_houses")


def test_a_strangers_transaction_between_two_steps_is_noticed(tmp_path: Path) -> None:
    untouched = p2p.run(SCENARIO, out=tmp_path / "untouched")
    with p2p.Simulation(SCENARIO, out=tmp_path / "touched") as sim:
        sim.step()
        contract, chain = sim.model.market.contract, sim.chain
        contract.transact("deposit", sender=chain.account("a stranger"), value_wei=10**15)
        while not sim.done:
            sim.step()
        touched = sim.results()
    assert touched.path.name != untouched.path.name
    inputs = read_outside((touched.path / "outside.jsonl").read_text(), "outside.jsonl")
    assert [(each.tick, each.kind) for each in inputs] == [(1, "call")]
    with p2p.Simulation(SCENARIO, out=tmp_path / "again", terms=terms_of(inputs)) as sim:
        replay(sim, inputs)
        again = sim.results()
    assert again.path.name == touched.path.name
    assert again.manifest["sha256"] == touched.manifest["sha256"]


def test_reading_the_chain_touches_nothing(tmp_path: Path) -> None:
    with p2p.Simulation(SCENARIO, out=tmp_path) as sim:
        while not sim.done:
            sim.step()
            assert sim.chain.block(sim.chain.head) is not None
            assert len(sim.ledger) > 0
        assert sim.outside == ()
        assert sim.results().manifest["outside_inputs"] == 0
