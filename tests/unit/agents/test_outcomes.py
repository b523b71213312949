"""What traders are told of a settled round."""

from p2p_cosim.agents import outcomes
from p2p_cosim.core.types import (
    Clearing,
    GateClosure,
    Order,
    Placement,
    Settlement,
    Side,
    Trade,
)

BID = Placement(Order("a", Side.BID, 100, 60), 0, filled_wh=80)
REFUSED = Placement(Order("a", Side.BID, 5, 60), None, "TooSmall(5, 10)")
ASK = Placement(Order("b", Side.ASK, 80, 40), 1, filled_wh=80)
TRADE = Trade("a", "b", 80, 50, budget_surplus_wei=160)
GATE = GateClosure(7, (BID, ASK, REFUSED), Clearing(50, 80, 1600, (TRADE,), 160), (), 0)
SETTLED = (Settlement("a", 80, 95, 15, 1800, 0), Settlement("b", -80, -80, 0, 0, 0))


def test_everybody_is_told_of_his_own_orders_payments_and_imbalance():
    told = outcomes(7, ["a", "b", "c"], GATE, SETTLED)
    a, b, c = told["a"], told["b"], told["c"]
    assert (a.tick, a.orders, a.price_wei_per_wh) == (7, (BID, REFUSED), 50)
    assert (a.contracted_wh, a.market_wei) == (80, 4000)
    assert (a.metered_wh, a.imbalance_wh, a.imbalance_wei, a.cost_wei) == (95, 15, 1800, 5800)
    assert (b.orders, b.contracted_wh, b.market_wei) == ((ASK,), -80, -3840)
    assert (c.orders, c.contracted_wh, c.metered_wh, c.cost_wei) == ((), 0, None, 0)
