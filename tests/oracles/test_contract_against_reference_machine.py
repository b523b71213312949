"""Random sequences of calls: the contract's accounts follow the reference at every step."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from market_world import RULES, TARIFF, World

from p2p_cosim.core.types import Order, Reading, Side
from p2p_cosim.market.oracle.mechanisms import k_double_auction
from p2p_cosim.market.oracle.reference import ReferenceAccounts

TRADERS = ("a", "b", "c")
EVERYBODY = (*TRADERS, "utility")
RICH_WEI = 10**6
traders = st.sampled_from(TRADERS)
everybody = st.sampled_from(EVERYBODY)
amounts = st.integers(0, 1_500)
orders = st.builds(Order, traders, st.sampled_from(Side), st.integers(1, 20), st.integers(0, 60))


class MarketMachine(RuleBasedStateMachine):
    """With a utility that can pay: partial payments of claims have tests of their own."""

    def __init__(self):
        super().__init__()
        self.world = World()
        self.world.register(*TRADERS)
        self.oracle = ReferenceAccounts("utility", TARIFF)
        self.book: list[Order | None] = []  # None where an order was cancelled
        self.round_id, self.unread = 1, 0
        self.deposit("utility", RICH_WEI)

    @rule(trader=everybody, amount_wei=amounts)
    def deposit(self, trader, amount_wei):
        self.world.send("deposit", by=trader, value_wei=amount_wei)
        self.oracle.credit(trader, amount_wei)

    @rule(order=orders)
    def place(self, order):
        (receipt,) = self.world.chain.transact_many([self.world.placement(order)])
        own = [other for other in self.book if other and other.trader == order.trader]
        in_time = self.world.chain.timestamp <= self.world.gate()
        assert receipt.status == (in_time and self.oracle.can_place(order, own))
        if receipt.status:
            self.oracle.escrow(order)
            self.book.append(order)

    @precondition(lambda self: any(self.book))
    @rule(data=st.data())
    def cancel(self, data):
        placed = [i for i, order in enumerate(self.book) if order]
        order_id = data.draw(st.sampled_from(placed))
        order = self.book[order_id]
        self.world.cancel(order_id, by=order.trader)
        self.oracle.refund(order)
        self.book[order_id] = None

    @precondition(lambda self: not self.unread)
    @rule()
    def clear(self):
        events = self.world.clear()
        (cleared,) = (event for event in events if event.name == "RoundCleared")
        orders = [order for order in self.book if order]
        result = k_double_auction(orders, RULES.k_basis_points)
        self.oracle.book_clearing(self.round_id, orders, result)
        assert cleared.args["energy"] == result.clearing.energy_wh
        self.book, self.unread = [], self.round_id
        self.round_id += 1

    @precondition(lambda self: self.unread)
    @rule(metered=st.dictionaries(traders, st.integers(-30, 30)), last=st.booleans())
    def settle(self, metered, last):
        waiting = self.oracle.waiting[self.unread]
        if last:
            metered |= {name: 0 for name in waiting if name not in metered}
        fresh = {n: wh for n, wh in metered.items() if n not in self.read_already()}
        self.world.settle(last=last, round_id=self.unread, **metered)
        for name, wh in fresh.items():
            self.oracle.read(self.unread, Reading(name, wh))
        self.done = self.read_already() | fresh.keys()
        if last:
            self.oracle.pay_claims()
            self.unread, self.done = 0, set()
            if self.world.chain.timestamp > self.world.gate():
                raise AssertionError("readings are settled before the next gate")

    def read_already(self):
        return getattr(self, "done", set())

    @invariant()
    def accounts_follow_the_reference_and_balance(self):
        accounts = self.world.accounts(EVERYBODY)
        oracle = self.oracle
        assert accounts == {
            name: (oracle.balance_wei[name], oracle.open_wei[name], oracle.energy_wh[name])
            for name in EVERYBODY
        }
        assert self.world.book.escrowWei == oracle.escrow_wei
        assert self.world.totals.lockedWei == oracle.locked_wei
        assert sum(energy_wh for _, _, energy_wh in accounts.values()) == 0
        self.world.check_money(TRADERS)


MarketMachine.TestCase.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
TestMarketMachine = MarketMachine.TestCase
