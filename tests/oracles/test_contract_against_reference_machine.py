"""Random sequences of calls: the contract's accounts follow the reference at every step."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from market_world import RULES, TARIFF, World

from p2p_cosim.core.errors import RevertError
from p2p_cosim.core.types import Order, Reading, Side
from p2p_cosim.market.oracle.mechanisms import k_double_auction
from p2p_cosim.market.oracle.reference import ReferenceAccounts

TRADERS = ("a", "b", "c")
EVERYBODY = (*TRADERS, "utility")
traders = st.sampled_from(TRADERS)
everybody = st.sampled_from(EVERYBODY)
amounts = st.integers(0, 1_500)
orders = st.builds(Order, traders, st.sampled_from(Side), st.integers(1, 20), st.integers(0, 60))


class MarketMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.world = World()
        self.oracle = ReferenceAccounts("utility", TARIFF)
        self.book: list[Order | None] = []  # None where an order was cancelled
        self.is_open = True

    @rule(trader=everybody, amount_wei=amounts)
    def deposit(self, trader, amount_wei):
        self.world.send("deposit", by=trader, value_wei=amount_wei)
        self.oracle.credit(trader, amount_wei)

    @rule(trader=everybody, amount_wei=amounts)
    def withdraw(self, trader, amount_wei):
        pending = not self.is_open and trader in self.oracle.contracted_wh
        if pending or amount_wei > self.oracle.withdrawable_wei(trader):
            with pytest.raises(RevertError, match="DeliveryPending" if pending else "TooLow"):
                self.world.send("withdraw", amount_wei, by=trader)
        else:
            self.world.send("withdraw", amount_wei, by=trader)
            self.oracle.balance_wei[trader] -= amount_wei

    @rule(trader=everybody)
    def pay(self, trader):
        self.world.send("payPosition", self.world.address(trader), by="stranger")
        self.oracle.pay(trader)

    @precondition(lambda self: self.is_open)
    @rule(order=orders)
    def place(self, order):
        (receipt,) = self.world.chain.transact_many([self.world.placement(order)])
        assert receipt.status == (order.side is Side.ASK or self.oracle.can_bid(order))
        if receipt.status:
            self.oracle.escrow(order)
            self.book.append(order)

    @precondition(lambda self: self.is_open and any(self.book))
    @rule(data=st.data())
    def cancel(self, data):
        placed = [i for i, order in enumerate(self.book) if order]
        order_id = data.draw(st.sampled_from(placed))
        order = self.book[order_id]
        self.world.send("cancel", order_id, by=order.trader)
        self.oracle.refund(order)
        self.book[order_id] = None

    @precondition(lambda self: self.is_open)
    @rule()
    def clear(self):
        events = self.world.clear()
        (cleared,) = (event for event in events if event.name == "RoundCleared")
        orders = [order for order in self.book if order]
        result = k_double_auction(orders, RULES.k_basis_points)
        self.oracle.book_clearing(orders, result)
        assert cleared.args["energy"] == result.clearing.energy_wh
        self.book, self.is_open = [], False

    @precondition(lambda self: not self.is_open)
    @rule(metered=st.dictionaries(traders, st.integers(-30, 30)))
    def settle(self, metered):
        self.world.settle(**metered)
        self.oracle.settle(Reading(*item) for item in metered.items())
        self.is_open = True

    @invariant()
    def accounts_follow_the_reference_and_balance(self):
        accounts = self.world.accounts(EVERYBODY)
        oracle = self.oracle
        assert accounts == {
            name: (oracle.balance_wei[name], oracle.open_wei[name], oracle.energy_wh[name])
            for name in EVERYBODY
        }
        escrow_wei = self.world.round.escrow
        assert escrow_wei == oracle.escrow_wei
        assert self.world.ether == escrow_wei + sum(b for b, _, _ in accounts.values())
        assert sum(energy_wh for _, _, energy_wh in accounts.values()) == 0
        assert all(balance == 0 for balance, position, _ in accounts.values() if position < 0)
        assert self.world.contract.read.claims() == sum(max(0, p) for _, p, _ in accounts.values())


MarketMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestMarketMachine = MarketMachine.TestCase
