"""OnChainMarket: the Market protocol over the contract."""

from dataclasses import replace

import pytest
from market_world import RULES, T0

from p2p_cosim.chain.ethtester import EthTesterChain
from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.core.errors import InputError, RevertError
from p2p_cosim.core.protocols import Market
from p2p_cosim.core.roles import MECHANISMS
from p2p_cosim.core.types import Account, Order, Reading, Settlement, Side, Trade
from p2p_cosim.market import OnChainMarket, Sealing
from p2p_cosim.market.submission import Aggregated

TRADERS = ("a", "b", "c")
MONEY = {"a": 10_000, "b": 1_000, "c": 1_000, "utility": 1_000}
GATE, DELIVERED = T0 + 900, T0 + 1_799  # of the first round


def open_market(chain=None):
    market = OnChainMarket.deploy(chain or GeneratedChain(timestamp=T0), RULES, TRADERS)
    market.deposit(MONEY)
    return market


ORDERS = [
    Order("a", Side.BID, 10, 50),
    Order("b", Side.ASK, 7, 20),
    Order("c", Side.ASK, 7, 101),
    Order("c", Side.BID, 60, 20),
    Order("c", Side.ASK, 3, 50),
]


def test_the_gate_of_a_round():
    market = open_market()
    assert isinstance(market, Market)
    gate = market.close_gate(ORDERS, GATE)
    assert gate.round_id == 1
    assert [(p.order_id, p.rejection) for p in gate.placements] == [
        (0, ""),
        (1, ""),
        (None, "PriceAboveMaximum(price=101, maximum=100)"),
        (None, "BalanceTooLow(trader=c, neededWei=1200, availableWei=1000)"),
        (2, ""),
    ]
    assert [p.order for p in gate.placements] == ORDERS
    assert gate.clearing.trades == (Trade("a", "b", 7, 50), Trade("a", "c", 3, 50))
    assert gate.clearing.price_wei_per_wh == 50
    assert (gate.clearing.energy_wh, gate.clearing.welfare_wei) == (10, 7 * 30)
    assert [label for label, _ in gate.receipts] == [
        "placeBid a",
        "placeAsk b",
        "placeAsk c",
        "placeBid c",
        "placeAsk c",
        "clear operator",
    ]
    assert {receipt.timestamp for _, receipt in gate.receipts} == {T0 + 900}
    assert gate.gas_clear == gate.receipts[-1][1].gas_used


def test_the_settlement_of_a_round():
    market = open_market()
    market.close_gate(ORDERS, GATE)
    readings = [Reading("a", 12), Reading("b", -7), Reading("c", 20)]
    delivery = market.settle(readings, DELIVERED)
    settlements, (receipt,) = delivery.settlements, delivery.receipts
    assert delivery.ledger == market.ledger()
    assert receipt.timestamp == DELIVERED
    assert settlements == (
        Settlement("a", 10, 12, 2, 60, 0),
        Settlement("b", -7, -7, 0, 0, 0),
        Settlement("c", -3, 20, 23, 690, 0),
    )
    ledger = market.ledger()
    assert ledger.accounts == {
        "a": Account(10_000 - 500 - 60, 0, 12),
        "b": Account(1_350, 0, -7),
        "c": Account(1_000 + 150 - 690, 0, 20),
        "utility": Account(1_000 + 60 + 690, 0, -25),
        "surplus": Account(0, 0, 0),
    }
    assert (ledger.escrow_wei, ledger.contract_wei) == (0, 13_000)
    assert ledger.paid_in_wei == {"": 0, **MONEY}


def test_an_empty_round_has_no_price():
    market = open_market()
    gate = market.close_gate([], GATE)
    assert (gate.placements, gate.clearing.price_wei_per_wh, gate.clearing.trades) == ((), None, ())
    assert market.settle([], DELIVERED).settlements == ()


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_round_in_parts_is_the_round_in_one(mechanism):
    orders = [
        Order("a", Side.BID, 5 + i % 4, 40 + (i * 7) % 20)
        if i % 2
        else Order("bc"[i % 4 // 2], Side.ASK, 4 + i % 5, 20 + (i * 11) % 40)
        for i in range(20)
    ]
    gates, ledgers = [], []
    for payouts in (20, 3):  # all at once, and in parts
        rules = replace(RULES, mechanism=mechanism)
        market = OnChainMarket.deploy(GeneratedChain(timestamp=T0), rules, TRADERS, payouts=payouts)
        market.deposit(MONEY)
        gates.append(market.close_gate(orders, GATE))
        ledgers.append(market.settle([Reading("a", 12)], DELIVERED).ledger)
    one, parts = gates
    assert (one.clearing, one.placements) == (parts.clearing, parts.placements)
    assert ledgers[0] == ledgers[1]
    assert [label for label, _ in parts.receipts].count("clear operator") == 1 + 7
    assert parts.gas_clear == sum(r.gas_used for label, r in parts.receipts if "clear" in label)
    filled = sum(placement.filled_wh for placement in parts.placements)
    assert filled == 2 * parts.clearing.energy_wh > 0


@pytest.mark.parametrize("payouts", [20, 3])
@pytest.mark.parametrize("submission", ["batched", "signed"])
def test_signed_orders_trade_as_those_sent_one_by_one(submission, payouts):
    orders = [
        Order("a", Side.BID, 10, 50),
        Order("b", Side.ASK, 7, 20),
        Order("c", Side.ASK, 7, 101),
        Order("a", Side.BID, 3, 45),
        Order("c", Side.BID, 7, 20),
        Order("c", Side.ASK, 3, 50),
        Order("a", Side.BID, 2**32, 1),
        Order("b", Side.ASK, 9, 44),
    ]
    gates, ledgers = [], []
    for way in ("individual", submission):
        market = OnChainMarket.deploy(GeneratedChain(timestamp=T0), RULES, TRADERS, way, payouts)
        market.deposit(MONEY)
        for round_id in range(2):  # in the second, nonces go on
            gates.append(market.close_gate(orders, T0 + 900 + 900 * round_id))
            market.settle([Reading("a", 12)], T0 + 1_799 + 900 * round_id)
        ledgers.append(market.ledger())
    assert ledgers[0] == ledgers[1]
    for one, other in zip(gates[:2], gates[2:], strict=True):
        assert one.clearing == other.clearing
        assert one.clearing.energy_wh > 0
        for placement, signed in zip(one.placements, other.placements, strict=True):
            assert signed.order_id == placement.order_id
            assert signed.filled_wh == placement.filled_wh
            assert signed.rejection.split("(")[0] == placement.rejection.split("(")[0]
    senders = [label for label, _ in gates[2].receipts]
    in_parts = ["clear operator"] * (2 if payouts == 3 else 0)
    if submission == "signed":
        assert senders == ["clearSigned operator"]
    else:
        assert senders == ["placeSigned operator", "clear operator", *in_parts]


@pytest.mark.parametrize(("way", "sealing"), [("sealed", None), ("signed", Sealing(1, 60))])
def test_a_way_that_does_not_lead_into_the_market_is_refused(way, sealing):
    rules = replace(RULES, sealing=sealing)
    with pytest.raises(InputError, match=f"submission '{way}' does not lead into"):
        OnChainMarket.deploy(GeneratedChain(timestamp=T0), rules, TRADERS, way)


def test_a_signed_round_beyond_a_transaction_is_placed_in_batches(monkeypatch):
    monkeypatch.setattr(Aggregated.__init__, "__kwdefaults__", {"batch": 2})
    market = OnChainMarket.deploy(GeneratedChain(timestamp=T0), RULES, TRADERS, "signed")
    market.deposit(MONEY)
    orders = [Order("abc"[i % 3], Side.ASK if i % 3 else Side.BID, 5, 30) for i in range(5)]
    gate = market.close_gate(orders, GATE)
    assert [label for label, _ in gate.receipts] == [
        *["placeSigned operator"] * 3,
        "clear operator",
    ]
    assert [placement.order_id for placement in gate.placements] == [0, 1, 2, 3, 4]


def test_numbers_beyond_the_contract_are_rejected_and_not_sent():
    market = open_market()
    orders = [
        Order("a", Side.BID, 2**32, 1),
        Order("a", Side.BID, 10, 50),
        Order("b", Side.ASK, -1, 1),
        Order("b", Side.ASK, 5, 2**56),
    ]
    gate = market.close_gate(orders, GATE)
    assert [p.rejection for p in gate.placements] == [
        f"DoesNotFit(energy_wh={2**32}, bits=32)",
        "",
        "DoesNotFit(energy_wh=-1, bits=32)",
        f"DoesNotFit(price_wei_per_wh={2**56}, bits=56)",
    ]
    assert [label for label, _ in gate.receipts] == ["placeBid a", "clear operator"]


def test_strangers_and_taken_names_are_refused():
    market = open_market()
    with pytest.raises(InputError, match="'x' is no trader"):
        market.close_gate([Order("x", Side.ASK, 1, 1)], GATE)
    with pytest.raises(InputError, match="name of a role"):
        OnChainMarket.deploy(GeneratedChain(), RULES, ["utility"])
    with pytest.raises(InputError, match="mechanism 'vcg' is unknown: choose from k_double"):
        OnChainMarket.deploy(GeneratedChain(), replace(RULES, mechanism="vcg"), ["a"])
    with pytest.raises(InputError, match="submission 'mail' is unknown: choose from indiv"):
        OnChainMarket.deploy(GeneratedChain(), RULES, ["a"], "mail")
    with pytest.raises(InputError, match="occurs 2 times"):
        OnChainMarket.deploy(GeneratedChain(), RULES, ["a", "a"])
    with pytest.raises(RevertError, match="InvalidConfig"):
        OnChainMarket.deploy(GeneratedChain(), replace(RULES, max_orders=0), ["a"])


def test_a_reading_beyond_its_meter_settles_nothing_and_stops_nobody():
    market = open_market()
    market.close_gate([], GATE)
    delivery = market.settle([Reading("a", 1_001), Reading("b", 1)], DELIVERED)
    assert [settlement.trader for settlement in delivery.settlements] == ["b"]


def test_a_settlement_before_delivery_is_over_raises_with_the_reason():
    market = open_market()
    market.close_gate([], GATE)
    with pytest.raises(RevertError, match="TooEarly"):
        market.settle([], DELIVERED - 1)


def test_readings_go_in_as_many_transactions_as_it_takes(monkeypatch):
    monkeypatch.setattr("p2p_cosim.market.meter_calls.READINGS", 2)
    market = open_market()
    market.close_gate([], GATE)
    delivery = market.settle([Reading(name, 1) for name in TRADERS], DELIVERED)
    assert [settlement.trader for settlement in delivery.settlements] == [*TRADERS]
    assert len(delivery.receipts) == 2


def test_going_back_to_a_snapshot_goes_back_to_its_round():
    chain = OpenChain(GeneratedChain(timestamp=T0))
    market = open_market(chain)
    token, before = chain.snapshot(), market.ledger()
    for _ in range(2):
        gate = market.close_gate([Order("a", Side.BID, 1, 1)], GATE)
        assert gate.round_id == 1
        market.settle([], DELIVERED)
        chain.revert(token)
    after = market.ledger()
    assert (after.accounts, after.contract_wei) == (before.accounts, before.contract_wei)
    # What was paid in by whom is not known any more, but all of it is.
    assert after.paid_in_wei == {"": 13_000}


def test_the_same_round_on_another_chain_is_the_same_to_the_last_gas():
    outcomes = []
    for chain in (GeneratedChain(timestamp=T0), EthTesterChain(timestamp=T0)):
        market = open_market(chain)
        orders = [Order("a", Side.BID, 10, 50), Order("b", Side.ASK, 7, 20)]
        gate = market.close_gate(orders, GATE)
        delivery = market.settle([Reading("a", 3)], DELIVERED)
        settlements, (receipt,) = delivery.settlements, delivery.receipts
        gas = [r.gas_used for _, r in gate.receipts] + [receipt.gas_used]
        outcomes.append((gate.clearing, gate.placements, settlements, market.ledger(), gas))
    assert outcomes[0] == outcomes[1]
