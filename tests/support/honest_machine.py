"""A market under any of its rules, beside the reference: the honest steps of a state machine.

Rounds are cleared at once or in parts, and settled; accounts follow the reference. One of the
traders is a contract that calls back when it is paid.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from market_world import CLEARED, RULES, SETTLED, TARIFF

from p2p_cosim.core.types import Order, Reading, Side
from p2p_cosim.market.oracle.mechanisms import MECHANISMS
from p2p_cosim.market.oracle.reference import ReferenceAccounts

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


class HonestMachine(RuleBasedStateMachine):
    """`worlds` by mechanism and `snapshot` of their chain are set by the test."""

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
