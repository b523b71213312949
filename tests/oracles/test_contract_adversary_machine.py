"""Random play with attackers: whatever is tried, accounts follow the reference or nothing moves.

Between the honest steps (tests/support/honest_machine.py) come wrong roles (the operator's too),
wrong rounds and times, forged pairs, broken calldata, transactions that run out of gas anywhere,
and a receiver that calls back. All of these must revert, and a reverted call must leave every
account, the book and the ether as they were.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from honest_machine import (
    HONEST,
    MALLORY,
    RICH_WEI,
    START_WEI,
    HonestMachine,
    clearing,
    energies,
    honest,
    prices,
)
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule
from market_world import RULES, World

from p2p_cosim.chain.artifact import parse_artifact
from p2p_cosim.chain.contract import deploy
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.market.oracle.mechanisms import MECHANISMS

RECEIVER = parse_artifact(
    (Path(__file__).parents[1] / "fixtures" / "Receiver.json").read_text(encoding="utf-8"),
    "Receiver.json",
)


@pytest.fixture(scope="module", autouse=True)
def worlds():
    """One chain with a market for each rule, a hostile trader and money in it, deployed once."""
    chain = GeneratedChain()
    built = {}
    for mechanism in MECHANISMS:
        world = World(replace(RULES, mechanism=mechanism), chain)
        hostile = deploy(chain, RECEIVER, [world.contract.address], world.address(MALLORY))
        built[mechanism] = (world, hostile)
        world.deposit(**dict.fromkeys(HONEST, START_WEI), utility=RICH_WEI)
        owner = world.address(MALLORY)
        for function, args, wei in (
            ("deposit", (), START_WEI),
            ("consentToMeter", (RULES.max_energy_wh,), 0),
        ):
            data = world.contract.transaction(function, *args, sender=owner).data
            hostile.transact("act", data, sender=owner, value_wei=wei)
        world.register(*HONEST)
        oracle = world.address("meter_oracle")
        meters = ([hostile.address], RULES.max_energy_wh)
        world.contract.transact("registerMeters", *meters, sender=oracle)
    AdversaryMachine.worlds = built
    AdversaryMachine.snapshot = chain.snapshot()


class AdversaryMachine(HonestMachine):
    """The attacks."""

    @rule(
        by=st.sampled_from((*HONEST, MALLORY, "stranger", "utility", "operator")),
        order_id=st.integers(0, 9),
    )
    def play_a_role_that_is_not_ones_own(self, by, order_id):
        attempts = [
            ("abort", self.round_id, 9),
            ("settle", self.unread or 1, [(self.address(by), 30)], True),
            ("endRound", self.unread or 1),
            ("registerMeters", [self.address(by)], 1),
            ("setTariff", self.round_id + 1, 30, 8),
            ("release", self.address("a"), self.round_id),
        ]
        if by != "operator":
            attempts += [("clear", self.round_id), ("clearInParts", self.round_id, 1)]
        if (
            order_id >= len(self.book)
            or not self.book[order_id]
            or self.book[order_id].trader != by
        ):
            attempts.append(("cancel", self.round_id, order_id))
        if by == "utility":
            attempts.append(("placeAsk", self.round_id, 1, 30))
        for attempt in attempts:
            self.must_fail(self.transaction(by, *attempt))

    @rule(shift=st.sampled_from((-1, 1, 2**31)))
    def name_another_round(self, shift):
        round_id = (self.round_id + shift) % 2**32
        for by, function, *more in (
            ("operator", "clear"),
            ("operator", "clearInParts", 1),
            ("operator", "clearSigned", [], 1),
            ("stranger", "clearNext", [], [], 9),
            ("a", "placeAsk", 1, 60),
            ("a", "cancel", 0),
        ):
            self.must_fail(self.transaction(by, function, round_id, *more))

    @clearing
    @rule(bit=st.integers(0, 255), which=st.sampled_from(("book", "pairs")), data=st.data())
    def forge_the_rest_of_a_clearing(self, bit, which, data):
        forged = {name: list(self.begun[name]) for name in ("book", "pairs")}
        if forged[which]:
            at = data.draw(st.integers(0, len(forged[which]) - 1))
            forged[which][at] ^= 1 << bit
        else:
            forged[which].append(1)
        rest = (self.unread, forged["book"], forged["pairs"], 99)
        self.must_fail(self.transaction("stranger", "clearNext", *rest))

    @rule(by=honest, tail=st.binary(max_size=31))
    def send_half_of_a_call(self, by, tail):
        """The selector with less than a word behind it; also what is no function at all."""
        for function, args in (
            ("placeAsk", (1, 1, 1)),
            ("withdraw", (1,)),
            ("cancel", (1, 0)),
            ("settle", (1, [], True)),
            ("clearNext", (1, [], [], 1)),
        ):
            whole = self.world.contract.transaction(function, *args, sender=self.address(by))
            for data in (whole.data[:4] + tail, whole.data[:3], b"", bytes(4) + tail):
                self.must_fail(type(whole)(whole.sender, whole.to, data))

    @rule(by=honest, excess=st.integers(0, 190))
    def send_numbers_wider_than_their_type(self, by, excess):
        args = (self.round_id, 1, 60)
        call = self.world.contract.transaction("placeAsk", *args, sender=self.address(by))
        for word, bits in enumerate((32, 32, 56)):
            wide = (1 << bits + excess).to_bytes(32, "big")
            data = call.data[: 4 + 32 * word] + wide + call.data[36 + 32 * word :]
            self.must_fail(type(call)(call.sender, call.to, data))

    @rule(share=st.floats(0, 0.999), trader=honest, wh=energies, price=prices)
    def run_out_of_gas(self, share, trader, wh, price):
        """Whatever would succeed fails with any less gas than it needs, without a trace."""
        calls = [
            (trader, "placeAsk", self.round_id, wh, price),
            (trader, "requestWithdrawal", wh),
            ("operator", "clear", self.round_id),
        ]
        if self.begun is not None:
            rest = (self.begun["book"], self.begun["pairs"], 99)
            calls.append(("stranger", "clearNext", self.unread, *rest))
        elif self.unread:
            rows = [(self.address(trader), wh)]
            calls.append(("meter_oracle", "settle", self.unread, rows, True))
        for call in calls:
            transaction = self.transaction(*call)
            snapshot = self.world.chain.snapshot()
            (receipt,) = self.world.chain.transact_many([transaction])
            self.world.chain.revert(snapshot)
            if receipt.status:
                self._starve(transaction, receipt.gas_used, share)

    def _starve(self, transaction, gas_used, share):
        least = 21_000 + 16 * len(transaction.data)  # below, it is no transaction at all
        gas_limit = least + int(share * max(0, gas_used - least))
        short = type(transaction)(
            transaction.sender, transaction.to, transaction.data, 0, gas_limit
        )
        if gas_limit < gas_used:
            self.must_fail(short)


AdversaryMachine.TestCase.settings = settings(
    max_examples=10, stateful_step_count=25, deadline=None
)
TestAdversaryMachine = AdversaryMachine.TestCase
