"""Random play with attackers: whatever is tried, accounts follow the reference or nothing moves.

Honest steps are those of a market under any of its rules, cleared at once or in parts. Between
them come wrong roles (the operator's too), wrong rounds and times, forged pairs, broken calldata,
transactions that run out of gas anywhere, and a receiver that calls back. All of these must
revert, and a reverted call must leave every account, the book and the ether as they were.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from market_world import CLEARED, RULES, SETTLED, TARIFF, World

from p2p_cosim.chain.artifact import parse_artifact
from p2p_cosim.chain.contract import deploy
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.core.types import Order, Reading, Side
from p2p_cosim.market.oracle.mechanisms import MECHANISMS
from p2p_cosim.market.oracle.reference import ReferenceAccounts

RECEIVER = parse_artifact(
    (Path(__file__).parents[1] / "fixtures" / "Receiver.json").read_text(encoding="utf-8"),
    "Receiver.json",
)
HONEST = ("a", "b", "c")
MALLORY = "mallory"  # whose account is a contract that calls back
TRADERS = (*HONEST, MALLORY)
EVERYBODY = (*TRADERS, "utility", "surplus")
START_WEI, RICH_WEI = 2_000, 10**6
traders, honest = st.sampled_from(TRADERS), st.sampled_from(HONEST)
sides = st.sampled_from(Side)
energies, prices = st.integers(1, 20), st.integers(0, 60)
calm = precondition(lambda self: self.begun is None)
clearing = precondition(lambda self: self.begun is not None)
delivered = precondition(lambda self: self.unread and self.begun is None)


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


class AdversaryMachine(RuleBasedStateMachine):
    worlds: dict
    snapshot: object

    @initialize(mechanism=st.sampled_from(sorted(MECHANISMS)))
    def begin(self, mechanism):
        self.mechanism = mechanism
        self.world, self.hostile = self.worlds[mechanism]
        self.world.chain.revert(self.snapshot)
        self.oracle = ReferenceAccounts("utility", TARIFF)
        for name in TRADERS:
            self.oracle.credit(name, START_WEI)
        self.oracle.credit("utility", RICH_WEI)
        self.book: list[Order | None] = []
        self.round_id, self.unread, self.begun = 1, 0, None
        self.requested_wei: dict[str, int] = {}

    # Helpers

    def address(self, name):
        return self.hostile.address if name == MALLORY else self.world.address(name)

    def transaction(self, by, function, *args):
        """As a message of the trader; Mallory's goes through its contract."""
        call = self.world.contract.transaction(function, *args, sender=self.world.address(by))
        if by != MALLORY:
            return call
        return self.hostile.transaction("act", call.data, sender=call.sender)

    def send(self, by, function, *args):
        (receipt,) = self.world.chain.transact_many([self.transaction(by, function, *args)])
        assert receipt.status, f"{function}{args} by {by} failed"
        return list(self.world.contract.decode_events(receipt))

    def state(self):
        names = [self.address(name) for name in EVERYBODY]
        world = self.world
        return (world.contract.read.accounts(names), world.book, world.totals, world.ether)

    def must_fail(self, transaction):
        before = self.state()
        (receipt,) = self.world.chain.transact_many([transaction])
        assert not receipt.status
        assert self.state() == before

    def is_open(self):
        return self.world.chain.timestamp <= self.world.gate()

    # Honest steps

    @rule(trader=traders, side=sides, energy_wh=energies, price=prices)
    def place(self, trader, side, energy_wh, price):
        order = Order(trader, side, energy_wh, price)
        call = ("placeBid" if side is Side.BID else "placeAsk", self.round_id, energy_wh, price)
        own = [other for other in self.book if other and other.trader == trader]
        if not self.is_open() or not self.oracle.can_place(order, own):
            return self.must_fail(self.transaction(trader, *call))
        self.send(trader, *call)
        self.oracle.escrow(order)
        self.book.append(order)
        return None

    @precondition(lambda self: any(self.book) and self.is_open())
    @rule(data=st.data())
    def cancel_once(self, data):
        order_id = data.draw(st.sampled_from([i for i, o in enumerate(self.book) if o]))
        order = self.book[order_id]
        self.send(order.trader, "cancel", self.round_id, order_id)
        self.oracle.refund(order)
        self.book[order_id] = None
        self.must_fail(self.transaction(order.trader, "cancel", self.round_id, order_id))

    @precondition(lambda self: self.begun is None and not self.unread and len(self.book) > 1)
    @rule(payouts=st.integers(0, 6), whole=st.booleans())
    def clear(self, payouts, whole):
        """Nobody before the gate; then the operator alone."""
        args = ("clear", self.round_id) if whole else ("clearInParts", self.round_id, payouts)
        if self.world.chain.timestamp < self.world.gate():
            self.must_fail(self.transaction("operator", *args))
        self.world.until(self.world.gate())
        self.must_fail(self.transaction("stranger", *args))
        orders = [order for order in self.book if order]
        events = self.send("operator", *args)
        (cleared,) = (e for e in events if e.name == "RoundCleared")
        trades = [e for e in events if e.name == "TradeCleared"]
        for order_id, order in enumerate(self.book):
            ids = [e for e in trades if order_id in (e.args["bidId"], e.args["askId"])]
            assert sum(e.args["energy"] for e in ids) <= (order.energy_wh if order else 0)
        result = MECHANISMS[self.mechanism](orders, RULES.k_basis_points)
        assert cleared.args["energy"] == result.clearing.energy_wh
        assert cleared.args["welfareWei"] == result.clearing.welfare_wei
        self.begun = next((e.args for e in events if e.name == "ClearingBegun"), None)
        self.oracle.book_clearing(self.round_id, orders, result)
        self.book, self.unread, self.round_id = [], self.round_id, self.round_id + 1
        self.requested_wei = {name: wei for name, wei in self.requested_wei.items() if wei}

    @clearing
    @rule(payouts=st.integers(1, 6), by=st.sampled_from((*HONEST, "stranger")))
    def clear_next(self, payouts, by):
        book, pairs = self.begun["book"], self.begun["pairs"]
        self.send(by, "clearNext", self.unread, book, pairs, payouts)
        if self.world.past(self.unread).phase == CLEARED:
            self.begun = None

    @delivered
    @rule(metered=st.dictionaries(traders, st.integers(-30, 30)))
    def settle(self, metered):
        metered |= {name: 0 for name in self.oracle.waiting[self.unread] if name not in metered}
        rows = [(self.address(name), wh) for name, wh in metered.items()]
        if self.world.chain.timestamp < self.world.delivered(self.unread):
            self.must_fail(self.transaction("meter_oracle", "settle", self.unread, rows, True))
        self.world.until(self.world.delivered(self.unread))
        for by in ("operator", "utility", "stranger", *HONEST):
            self.must_fail(self.transaction(by, "settle", self.unread, rows, True))
        self.send("meter_oracle", "settle", self.unread, rows, True)
        self.oracle.settle(self.unread, (Reading(*item) for item in metered.items()))
        again = self.send("meter_oracle", "settle", self.unread, rows, True)
        assert [e.name for e in again] == ["ReadingRefused"] * len(rows)
        self.unread = 0

    @calm
    @rule(trader=traders, amount_wei=st.integers(0, START_WEI), again_wei=st.integers(0, START_WEI))
    def withdraw(self, trader, amount_wei, again_wei):
        """Mallory withdraws again while the ether arrives, as often as the market lets it."""
        asked_wei, after = self.world.contract.read.withdrawal(self.address(trader))
        settled = self.world.contract.read.round(after).phase == SETTLED
        allowed_wei = min(asked_wei, self.oracle.withdrawable_wei(trader)) if settled else 0
        if not settled or amount_wei > allowed_wei:
            if amount_wei or not settled:
                self.must_fail(self.transaction(trader, "withdraw", max(1, amount_wei)))
            self.send(trader, "requestWithdrawal", amount_wei)
            return
        if trader == MALLORY:
            again = self.world.contract.transaction("withdraw", again_wei, sender=self.address("a"))
            self.hostile.transact("react", again.data, sender=self.world.address(MALLORY))
        events = self.send(trader, "withdraw", amount_wei)
        taken_wei = sum(e.args["amountWei"] for e in events if e.name == "Withdrawn")
        assert taken_wei <= allowed_wei
        self.oracle.balance_wei[trader] -= taken_wei

    # Attacks

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

    @invariant()
    def accounts_follow_the_reference_and_balance(self):
        addresses = [self.address(name) for name in EVERYBODY]
        money, energy_wh = self.world.contract.read.accounts(addresses)
        totals = self.world.totals
        claims_wei = sum(max(0, m.position) for m in money)
        assert all(m.balance == 0 for m in money if m.position < 0)
        assert self.world.ether == totals.heldWei
        if self.begun is not None:
            return  # the rest is booked by clear_next
        escrow_wei = self.world.book.escrowWei
        balances = sum(m.balance for m in money)
        held = balances + escrow_wei + totals.lockedWei + claims_wei - totals.claimsWei
        assert totals.heldWei == held
        oracle = self.oracle
        for name, m, wh in zip(EVERYBODY, money, energy_wh, strict=True):
            known = (oracle.balance_wei[name], oracle.open_wei[name], oracle.energy_wh[name])
            assert (m.balance, m.position, wh) == known, name
        assert (escrow_wei, totals.lockedWei) == (oracle.escrow_wei, oracle.locked_wei)
        assert sum(energy_wh) == 0


AdversaryMachine.TestCase.settings = settings(
    max_examples=10, stateful_step_count=25, deadline=None
)
TestAdversaryMachine = AdversaryMachine.TestCase
