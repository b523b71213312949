import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_run import auction

from p2p_cosim.core.types import Order, Placement, Side, Trade
from p2p_cosim.record.rows import fills_wh

# Few traders, prices and energies, so that ties, split orders and several orders of one
# trader on both sides all occur.
ORDERS = st.builds(
    Order,
    trader=st.sampled_from("abcd"),
    side=st.sampled_from(Side),
    energy_wh=st.integers(1, 5),
    price_wei_per_wh=st.integers(1, 4),
)


@given(st.lists(st.tuples(ORDERS, st.booleans()), max_size=20))
def test_fills_from_trades_are_those_the_auction_made(sent):
    placements, accepted = [], 0
    for order, refused in sent:
        placements.append(
            Placement(order, None, "refused") if refused else Placement(order, accepted)
        )
        accepted += not refused
    clearing, filled_wh = auction(placements)
    assert fills_wh(placements, clearing.trades) == filled_wh


def test_the_better_of_two_orders_is_filled_first_whatever_came_first():
    placements = [
        Placement(Order("a", Side.BID, 10, 5), 0),
        Placement(Order("a", Side.BID, 10, 9), 1),
        Placement(Order("b", Side.ASK, 14, 2), 2),
    ]
    assert fills_wh(placements, [Trade("a", "b", 14, 4)]) == [4, 10, 14]


def test_a_trade_beyond_the_orders_is_refused():
    placements = [
        Placement(Order("a", Side.BID, 10, 5), 0),
        Placement(Order("b", Side.ASK, 20, 2), 1),
    ]
    with pytest.raises(ValueError, match="trader 'a' traded 1 Wh more than its bids"):
        fills_wh(placements, [Trade("a", "b", 11, 4)])
