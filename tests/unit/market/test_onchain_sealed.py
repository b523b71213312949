"""OnChainMarket over a sealed market."""

from dataclasses import replace

import pytest
from market_world import RULES, T0

from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.core.types import Order, Reading, Side
from p2p_cosim.market import OnChainMarket, Sealing

TRADERS = ("a", "b", "c")
MONEY = {"a": 10_000, "b": 1_000, "c": 1_000, "utility": 1_000}
GATE, DELIVERED = T0 + 900, T0 + 1_799  # of the first round


@pytest.mark.parametrize("payouts", [20, 3])
def test_sealed_orders_trade_as_those_sent_in_the_open(payouts):
    orders = [
        Order("a", Side.BID, 10, 50),
        Order("b", Side.ASK, 7, 20),
        Order("c", Side.ASK, 7, 60),
    ]
    rules = replace(RULES, sealing=Sealing(bond_wei=70, reveal_s=60))
    gates, ledgers = [], []
    for way, of_way in (("individual", RULES), ("sealed", rules)):
        market = OnChainMarket.deploy(GeneratedChain(timestamp=T0), of_way, TRADERS, way, payouts)
        market.deposit(MONEY)
        for round_id in range(2):
            gates.append(market.close_gate(orders, GATE + 900 * round_id))
            market.settle([Reading("a", 12)], DELIVERED + 900 * round_id)
        ledgers.append(market.ledger())
    assert ledgers[0] == ledgers[1]
    assert gates[0].clearing.energy_wh == 7
    for one, other in zip(gates[:2], gates[2:], strict=True):
        assert (one.placements, one.clearing) == (other.placements, other.clearing)
    times = {label.split()[0]: receipt.timestamp for label, receipt in gates[2].receipts}
    assert times == {"commit": GATE, "reveal": GATE + 1, "clear": GATE + 61}


def test_a_sealed_order_needs_its_bond_and_is_the_only_one_of_its_trader():
    rules = replace(RULES, sealing=Sealing(bond_wei=70, reveal_s=60))
    market = OnChainMarket.deploy(GeneratedChain(timestamp=T0), rules, TRADERS, "sealed")
    market.deposit(MONEY)
    orders = [
        Order("a", Side.BID, 1, 50),
        Order("a", Side.BID, 1, 49),
        Order("b", Side.BID, 10, 94),
    ]
    gate = market.close_gate(orders, GATE)
    assert [placement.rejection for placement in gate.placements] == [
        "",
        "AlreadyCommitted(trader=a)",
        "BalanceTooLow(trader=b, neededWei=1010, availableWei=1000)",
    ]
    assert [label for label, _ in gate.receipts][3:] == ["reveal a", "clear operator"]


def test_a_sealed_order_that_the_book_refuses_costs_its_bond():
    rules = replace(RULES, sealing=Sealing(bond_wei=70, reveal_s=60))
    market = OnChainMarket.deploy(GeneratedChain(timestamp=T0), rules, TRADERS, "sealed")
    market.deposit(MONEY)
    gate = market.close_gate([Order("c", Side.ASK, 7, 101)], GATE)
    (refused,) = gate.placements
    assert refused.rejection == "PriceAboveMaximum(price=101, maximum=100)"
    market.settle([], DELIVERED)
    assert market.ledger().escrow_wei == 70
    market.close_gate([Order("c", Side.ASK, 7, 60)], GATE + 900)
    assert market.ledger().accounts["surplus"].balance_wei == 70
