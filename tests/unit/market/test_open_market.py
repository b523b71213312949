"""Whoever likes sends to the contract, between the operator's transactions and in their place."""

import pytest
from market_world import RULES, T0

from p2p_cosim import conservation
from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.core.errors import RevertError
from p2p_cosim.core.types import Order, Placement, Reading, Side, Trade
from p2p_cosim.market import OnChainMarket

GRACE_S = RULES.grace_s
GATE, DELIVERED = T0 + 900, T0 + 1_799  # of the first round; the next gate is a second later
ORDERS = [Order("a", Side.BID, 10, 50), Order("b", Side.ASK, 7, 20)]
MONEY = {"a": 10_000, "b": 1_000, "utility": 1_000}


class Stranger:
    """Somebody with ether and a wallet, of whom the market was told nothing."""

    def __init__(self, market, label="a wallet user"):
        self.contract = market.contract
        self.address = market.contract.chain.account(label)

    def send(self, function, *args, value_wei=0):
        return self.contract.transact(function, *args, sender=self.address, value_wei=value_wei)


def open_market(submission="individual", payouts=256):
    chain = OpenChain(GeneratedChain(timestamp=T0))
    market = OnChainMarket.deploy(chain, RULES, ("a", "b", "c"), submission, payouts)
    market.deposit(MONEY)
    return market


@pytest.fixture(params=["individual", "batched", "signed"])
def market(request):
    return open_market(request.param)


def test_a_stranger_stands_in_the_ledger_under_his_address(market):
    stranger = Stranger(market)
    stranger.send("deposit", value_wei=500)
    stranger.send("requestWithdrawal", 200)
    market.close_gate([], GATE)
    market.settle([], DELIVERED)
    stranger.send("withdraw", 200)
    ledger = market.ledger()
    conservation.check_money(ledger, 0)
    assert ledger.accounts[stranger.address].balance_wei == 300
    assert ledger.paid_in_wei[stranger.address] == 300


def test_a_stranger_trades_and_delivers_nothing(market):
    stranger = Stranger(market)
    stranger.send("deposit", value_wei=1_000)
    stranger.send("placeAsk", 1, 30, 10)
    stranger.send("placeAsk", 1, 5, 1)
    stranger.send("cancel", 1, 1)
    gate = market.close_gate(ORDERS, GATE)
    assert gate.placements[:2] == (
        Placement(Order(stranger.address, Side.ASK, 30, 10), 0, filled_wh=10),
        Placement(Order(stranger.address, Side.ASK, 5, 1), 1, cancelled=True),
    )
    assert [p.order for p in gate.placements[2:]] == ORDERS
    assert [p.order_id for p in gate.placements[2:]] == [2, 3]
    assert gate.clearing.trades == (Trade("a", stranger.address, 10, 30),)
    labels = [label for label, _ in gate.receipts]
    assert labels[:4] == [
        f"deposit {stranger.address}",
        f"placeAsk {stranger.address}",
        f"placeAsk {stranger.address}",
        f"cancel {stranger.address}",
    ]
    delivery = market.settle([Reading("a", 10), Reading("b", 0)], DELIVERED)
    (short,) = (each for each in delivery.settlements if each.trader == stranger.address)
    # Without a meter nothing flows: it buys what it sold at the retail price.
    assert (short.contracted_wh, short.metered_wh, short.charge_wei) == (-10, 0, 10 * 30)
    assert sum(account.energy_wh for account in delivery.ledger.accounts.values()) == 0
    conservation.check_money(delivery.ledger, 0)


def test_who_clears_before_the_operator_has_cleared(market):
    """Then the operator closes the gate of the next round, whose book is open already."""
    stranger = Stranger(market)
    market.contract.chain.advance_to(GATE + GRACE_S + 1)
    stranger.send("clear", 1)
    gate = market.close_gate(ORDERS, T0 + 2_700)
    assert gate.round_id == 3  # the gate of round 2 was too near
    assert gate.clearing.energy_wh == 7
    delivery = market.settle([Reading("a", 5)], T0 + 3_599)
    assert [s.imbalance_wh for s in delivery.settlements] == [-2]


def test_who_aborts_has_ended_the_round(market):
    stranger = Stranger(market)
    market.contract.chain.advance_to(GATE + 2 * GRACE_S)
    stranger.send("abort", 1, 10)
    assert market.close_gate(ORDERS, GATE + 2 * GRACE_S + 1).round_id == 3


@pytest.mark.parametrize("paid_out", [0, 1])
def test_a_clearing_that_a_stranger_began_is_brought_to_its_end(paid_out):
    market = open_market(payouts=2)
    stranger = Stranger(market)
    stranger.send("deposit", value_wei=2_000)
    for price in (51, 52, 53):
        stranger.send("placeAsk", 1, 10, price)
    stranger.send("placeBid", 1, 10, 50)
    market.contract.transact("placeAsk", 1, 7, 20, sender=market.names.address("b"))
    market.contract.chain.advance_to(GATE + GRACE_S + 1)
    stranger.send("clearInParts", 1, paid_out)
    gate = market.close_gate(ORDERS, T0 + 2_700)
    assert gate.round_id == 3
    labels = [label for label, _ in gate.receipts]
    assert labels.count("clear operator") >= 2
    conservation.check_money(market.settle([], T0 + 3_599).ledger, 0)


class Meddler(OpenChain):
    """A chain on which a stranger is always a little faster than one of the operator's calls."""

    def __init__(self, function):
        super().__init__(GeneratedChain(timestamp=T0))
        self.function, self.before = function, None

    def transact_many(self, transactions):
        receipts = []
        for transaction in transactions:
            if self.before and transaction.data[:4] == self.function:
                self.before.pop()()
            receipts += super().transact_many([transaction])
        return receipts


def meddled(function, payouts=256):
    probe = open_market().contract
    args = {"settle": (1, [], True), "clearNext": (1, [], [], 1), "clear": (1,)}[function]
    selector = probe.transaction(function, *args, sender=probe.address).data[:4]
    chain = Meddler(selector)
    market = OnChainMarket.deploy(chain, RULES, ("a", "b", "c"), payouts=payouts)
    market.deposit(MONEY)
    return market, chain, Stranger(market)


def test_a_stranger_may_end_a_round_and_the_oracles_readings_still_count():
    market, chain, stranger = meddled("settle")
    market.close_gate(ORDERS, GATE)
    chain.before = [lambda: stranger.send("endRound", 1)]
    delivery = market.settle([Reading("a", 99)], DELIVERED + GRACE_S)
    assert [s.imbalance_wh for s in delivery.settlements] == [92]
    assert all(receipt.status for receipt in delivery.receipts)


def test_a_stranger_may_pay_out_in_the_operators_place():
    market, chain, stranger = meddled("clearNext", payouts=1)
    orders = [Order("a", Side.BID, 10, 50), *(Order("b", Side.ASK, 2, 20 + i) for i in range(4))]

    def pay_out():
        begun = market._follower.delivered[1]
        stranger.send("clearNext", 1, *begun.begun, 2)

    chain.before = [pay_out, pay_out]
    gate = market.close_gate(orders, GATE)
    assert gate.clearing.energy_wh == 8
    paid = [(label.split()[1], r.status) for label, r in gate.receipts if "clear" in label.lower()]
    assert paid.count((stranger.address, True)) == 2
    assert ("operator", False) in paid
    assert gate.gas_clear == sum(
        r.gas_used for label, r in gate.receipts if "clear" in label.lower() and r.status
    )
    conservation.check_money(market.settle([], DELIVERED).ledger, 0)


def test_orders_that_come_just_before_the_clearing_are_cleared_too():
    market, chain, stranger = meddled("clear", payouts=2)

    def place_many():
        stranger.send("deposit", value_wei=1_000)
        for _ in range(3):
            stranger.send("placeAsk", 1, 1, 5)

    chain.before = [place_many]
    gate = market.close_gate(ORDERS, GATE)
    assert gate.clearing.energy_wh == 10
    assert sum(p.order.trader == stranger.address for p in gate.placements) == 3


def test_a_clearing_that_does_not_come_forward_is_an_error():
    market = open_market()
    clear = market.contract.transaction

    def without_gas(function, *args, **options):
        if function == "clear":
            return clear(function, *args, **options, gas_limit=30_000)
        return clear(function, *args, **options)

    market.contract.transaction = without_gas
    told = r"clear reverted: OutOfGas\(gasLimit=30000\): .* raise `gas_limit`"
    with pytest.raises(RevertError, match=told):
        market.close_gate(ORDERS, GATE)


def test_a_settlement_without_a_cleared_round_is_an_error():
    with pytest.raises(RevertError, match="WrongPhase"):
        open_market().settle([], GATE)
