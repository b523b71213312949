"""Random play with attackers: whatever is tried, accounts follow the reference or nothing moves.

Honest steps are those of a market under any of its rules, cleared at once or in parts. Between
them come wrong roles, wrong rounds and phases, forged pairs, broken calldata, transactions that
run out of gas anywhere, and a receiver that calls back. All of these must revert, and a reverted
call must leave every account, the round and the ether as they were.
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
from market_world import CLEARED, CLEARING, OPEN, RULES, TARIFF, World

from p2p_cosim.chain.artifact import parse_artifact
from p2p_cosim.chain.contract import deploy
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.core.errors import RevertError
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
START_WEI = 2_000
traders, honest = st.sampled_from(TRADERS), st.sampled_from(HONEST)
sides = st.sampled_from(Side)
energies, prices = st.integers(1, 20), st.integers(0, 60)
phase_is = {
    phase: precondition(lambda self, phase=phase: self.world.round.phase == phase)
    for phase in (OPEN, CLEARING, CLEARED)
}


@pytest.fixture(scope="module", autouse=True)
def worlds():
    """One chain with a market for each rule, a hostile trader and money in it, deployed once."""
    chain = GeneratedChain()
    built = {}
    for mechanism in MECHANISMS:
        world = World(replace(RULES, mechanism=mechanism), chain)
        hostile = deploy(chain, RECEIVER, [world.contract.address], world.address(MALLORY))
        built[mechanism] = (world, hostile)
        world.deposit(**dict.fromkeys((*HONEST, "utility"), START_WEI))
        deposit = world.contract.transaction("deposit", sender=world.address(MALLORY)).data
        hostile.transact("act", deposit, sender=world.address(MALLORY), value_wei=START_WEI)
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
        for name in (*TRADERS, "utility"):
            self.oracle.credit(name, START_WEI)
        self.book: list[Order | None] = []
        self.begun = None
        self.cleared_orders: list[Order] = []

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
        names = [*map(self.address, TRADERS), self.world.address("utility")]
        return (
            self.world.contract.read.accounts(names),
            self.world.round,
            self.world.contract.read.claims(),
            self.world.ether,
        )

    def must_fail(self, transaction):
        before = self.state()
        (receipt,) = self.world.chain.transact_many([transaction])
        assert not receipt.status
        assert self.state() == before

    # Honest steps

    @phase_is[OPEN]
    @rule(trader=traders, side=sides, energy_wh=energies, price=prices)
    def place(self, trader, side, energy_wh, price):
        order = Order(trader, side, energy_wh, price)
        function = "placeBid" if side is Side.BID else "placeAsk"
        if side is Side.BID and not self.oracle.can_bid(order):
            return self.must_fail(self.transaction(trader, function, energy_wh, price))
        self.send(trader, function, energy_wh, price)
        self.oracle.escrow(order)
        self.book.append(order)
        return None

    @phase_is[OPEN]
    @precondition(lambda self: any(self.book))
    @rule(data=st.data())
    def cancel_once(self, data):
        order_id = data.draw(st.sampled_from([i for i, o in enumerate(self.book) if o]))
        order = self.book[order_id]
        self.send(order.trader, "cancel", order_id)
        self.oracle.refund(order)
        self.book[order_id] = None
        self.must_fail(self.transaction(order.trader, "cancel", order_id))

    @phase_is[OPEN]
    @precondition(lambda self: sum(map(bool, self.book)) > 1)
    @rule(payouts=st.integers(0, 6), whole=st.booleans())
    def clear(self, payouts, whole):
        self.cleared_orders = [order for order in self.book if order]
        args = ("clear",) if whole else ("clearInParts",)
        more = () if whole else (payouts,)
        events = self.send("operator", *args, self.world.round_id, *more)
        (cleared,) = (e for e in events if e.name == "RoundCleared")
        trades = [e for e in events if e.name == "TradeCleared"]
        for order_id, order in enumerate(self.book):
            ids = [e for e in trades if order_id in (e.args["bidId"], e.args["askId"])]
            assert sum(e.args["energy"] for e in ids) <= (order.energy_wh if order else 0)
        result = MECHANISMS[self.mechanism](self.cleared_orders, RULES.k_basis_points)
        assert cleared.args["energy"] == result.clearing.energy_wh
        assert cleared.args["welfareWei"] == result.clearing.welfare_wei
        self.begun = next((e.args for e in events if e.name == "ClearingBegun"), None)
        self.oracle.book_clearing(self.cleared_orders, result)

    @phase_is[CLEARING]
    @rule(payouts=st.integers(1, 6), by=st.sampled_from((*HONEST, "stranger")))
    def clear_next(self, payouts, by):
        book, pairs = self.begun["book"], self.begun["pairs"]
        self.send(by, "clearNext", self.world.round_id, book, pairs, payouts)

    @phase_is[CLEARED]
    @rule(metered=st.dictionaries(traders, st.integers(-30, 30)))
    def settle(self, metered):
        rows = [(self.address(name), wh) for name, wh in metered.items()]
        self.send("meter_oracle", "settle", self.world.round_id, rows)
        self.oracle.settle(Reading(*item) for item in metered.items())
        self.must_fail(self.transaction("meter_oracle", "settle", self.world.round_id - 1, rows))
        self.book, self.oracle.contracted_wh = [], {}

    @phase_is[OPEN]
    @rule(trader=traders, amount_wei=st.integers(0, START_WEI), again_wei=st.integers(0, START_WEI))
    def withdraw(self, trader, amount_wei, again_wei):
        """Mallory withdraws again while the ether arrives, as often as the market lets it."""
        if amount_wei > self.oracle.withdrawable_wei(trader):
            return self.must_fail(self.transaction(trader, "withdraw", amount_wei))
        if trader == MALLORY:
            again = self.world.contract.transaction("withdraw", again_wei, sender=self.address("a"))
            self.hostile.transact("react", again.data, sender=self.world.address(MALLORY))
        events = self.send(trader, "withdraw", amount_wei)
        taken_wei = sum(e.args["amountWei"] for e in events if e.name == "Withdrawn")
        assert taken_wei <= self.oracle.withdrawable_wei(trader)
        self.oracle.balance_wei[trader] -= taken_wei
        return None

    # Attacks

    @rule(by=st.sampled_from((*HONEST, MALLORY, "stranger", "utility")), order_id=st.integers(0, 9))
    def play_a_role_that_is_not_ones_own(self, by, order_id):
        round_id = self.world.round_id
        attempts = [
            ("clear", round_id),
            ("clearInParts", round_id, 1),
            ("abort", round_id, 9),
            ("settle", round_id, [(self.address(by), 30)]),
            ("settle", round_id, []),
        ]
        if (
            order_id >= len(self.book)
            or not self.book[order_id]
            or self.book[order_id].trader != by
        ):
            attempts.append(("cancel", order_id))
        if by == "utility":
            attempts.append(("placeAsk", 1, 1))
        for attempt in attempts:
            self.must_fail(self.transaction(by, *attempt))

    @rule(shift=st.sampled_from((-1, 1, 2**31)))
    def name_another_round(self, shift):
        round_id = (self.world.round_id + shift) % 2**32
        for by, function, *more in (
            ("operator", "clear"),
            ("operator", "clearInParts", 1),
            ("meter_oracle", "settle", []),
            ("stranger", "clearNext", [], [], 9),
        ):
            self.must_fail(self.transaction(by, function, round_id, *more))

    @rule(trader=honest)
    def do_it_in_the_wrong_phase(self, trader):
        phase, round_id = self.world.round.phase, self.world.round_id
        if phase != OPEN:
            for attempt in (("placeAsk", 1, 1), ("placeBid", 1, 0), ("cancel", 0)):
                self.must_fail(self.transaction(trader, *attempt))
            self.must_fail(self.transaction("operator", "clear", round_id))
        if phase != CLEARED:
            self.must_fail(self.transaction("meter_oracle", "settle", round_id, []))
        if phase != CLEARING:
            self.must_fail(self.transaction(trader, "clearNext", round_id, [], [], 9))
        if phase == CLEARING or trader in self.oracle.contracted_wh:
            self.must_fail(self.transaction(trader, "withdraw", 0))

    @phase_is[CLEARING]
    @rule(bit=st.integers(0, 255), which=st.sampled_from(("book", "pairs")), data=st.data())
    def forge_the_rest_of_a_clearing(self, bit, which, data):
        forged = {name: list(self.begun[name]) for name in ("book", "pairs")}
        if forged[which]:
            at = data.draw(st.integers(0, len(forged[which]) - 1))
            forged[which][at] ^= 1 << bit
        else:
            forged[which].append(1)
        self.must_fail(
            self.transaction(
                "stranger", "clearNext", self.world.round_id, forged["book"], forged["pairs"], 99
            )
        )

    @rule(
        by=honest,
        function=st.sampled_from(
            ("placeAsk", "withdraw", "cancel", "clear", "settle", "clearNext")
        ),
        tail=st.binary(max_size=31),
    )
    def send_half_of_a_call(self, by, function, tail):
        """The selector with less than a word behind it; also what is no function at all."""
        whole = self.world.contract
        selector = whole.transaction(function, *self._some_args(function), sender=self.address(by))
        for data in (selector.data[:4] + tail, selector.data[:3], b"", bytes(4) + tail):
            self.must_fail(self._raw(by, data))

    @rule(by=honest, excess=st.integers(0, 200))
    def send_numbers_wider_than_their_type(self, by, excess):
        call = self.world.contract.transaction("placeAsk", 1, 1, sender=self.address(by)).data
        for word in range(2):
            number = (1 << (40, 48)[word]) << excess % 200
            wide = number.to_bytes(32, "big")
            data = call[: 4 + 32 * word] + wide + call[36 + 32 * word :]
            self.must_fail(self._raw(by, data))

    @rule(share=st.floats(0, 0.999), trader=honest, wh=energies, price=prices)
    def run_out_of_gas(self, share, trader, wh, price):
        """Whatever would succeed fails with any less gas than it needs, without a trace."""
        round_ = self.world.round
        choices = {
            OPEN: (
                (trader, "placeAsk", wh, price),
                (trader, "withdraw", 0),
                ("operator", "clear", round_.id),
                ("operator", "clearInParts", round_.id, 1),
            ),
            CLEARED: (("meter_oracle", "settle", round_.id, [(self.address(trader), wh)]),),
        }
        if round_.phase == CLEARING:
            rest = (self.begun["book"], self.begun["pairs"], 99)
            calls = (("stranger", "clearNext", round_.id, *rest),)
        else:
            calls = choices[round_.phase]
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

    def _raw(self, by, data):
        call = self.world.contract.transaction("deposit", sender=self.world.address(by))
        return type(call)(call.sender, call.to, data)

    def _some_args(self, function):
        return {
            "placeAsk": (1, 1),
            "withdraw": (1,),
            "cancel": (0,),
            "clear": (0,),
            "settle": (0, []),
            "clearNext": (0, [], [], 1),
        }[function]

    @invariant()
    def accounts_follow_the_reference_and_balance(self):
        phase = self.world.round.phase
        money, energy = self.world.contract.read.accounts(
            [*map(self.address, TRADERS), self.world.address("utility")]
        )
        escrow_wei = self.world.round.escrow
        assert self.world.ether == escrow_wei + sum(m.balance for m in money)
        assert self.world.contract.read.claims() == sum(max(0, m.position) for m in money)
        assert all(m.balance == 0 for m in money if m.position < 0)
        if phase == CLEARING:
            return  # the rest is booked by clear_next
        oracle = self.oracle
        for name, m, e in zip((*TRADERS, "utility"), money, energy, strict=True):
            known = (oracle.balance_wei[name], oracle.open_wei[name], oracle.energy_wh[name])
            assert (m.balance, m.position, e.balanceWh) == known, name
        assert escrow_wei == oracle.escrow_wei
        assert sum(e.balanceWh for e in energy) == 0


AdversaryMachine.TestCase.settings = settings(
    max_examples=10, stateful_step_count=25, deadline=None
)
TestAdversaryMachine = AdversaryMachine.TestCase


def test_a_bad_call_reverts_with_an_error_of_its_own():
    """The machine asks only that attacks fail; here is the name of each failure."""
    world = World()
    world.deposit(a=100)
    order = world.bid("a", 5, 10)
    with pytest.raises(RevertError, match="NotYourOrder"):
        world.send("cancel", order, by="b")
    with pytest.raises(RevertError, match="NotAuthorized"):
        world.send("clear", world.round_id, by="a")
    with pytest.raises(RevertError, match="WrongRound"):
        world.send("clear", world.round_id + 1, by="operator")
    with pytest.raises(RevertError, match="WrongPhase"):
        world.send("settle", world.round_id, [], by="meter_oracle")
