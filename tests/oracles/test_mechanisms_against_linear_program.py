"""Welfare of the mechanisms against an exact linear program, solved by HiGHS.

The program knows nothing of ranks and prices: it chooses the energy of every order, within
the order, such that purchases equal sales, for the greatest sum of limits. Its vertices are
integers (the constraint matrix is totally unimodular), so that the optimum is exact.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.oracle.mechanisms import MECHANISMS
from p2p_cosim.market.oracle.welfare import optimal_welfare_wei

orders = st.builds(
    Order,
    st.sampled_from("abcdef"),
    st.sampled_from(Side),
    st.integers(1, 9) | st.integers(1, 5_000),
    st.integers(0, 6) | st.integers(0, 300),
)
books = st.lists(orders, max_size=40)


def best_welfare_wei(book):
    """Optimum of: max sum(sign * limit * energy), sum(sign * energy) = 0, 0 <= energy <= order."""
    if not book:
        return 0
    sign = np.array([1 if order.side is Side.BID else -1 for order in book])
    limits = np.array([order.price_wei_per_wh for order in book])
    solution = linprog(
        -sign * limits,
        A_eq=sign[None, :],
        b_eq=[0],
        bounds=[(0, order.energy_wh) for order in book],
        method="highs",
    )
    assert solution.status == 0, solution.message
    filled = np.rint(solution.x).astype(int)
    assert np.abs(filled - solution.x).max() < 1e-6
    return int((sign * limits * filled).sum())


@pytest.mark.parametrize("name", ["k_double_auction", "walrasian", "pay_as_bid"])
@settings(max_examples=150, deadline=None)
@given(book=books, k=st.integers(0, 10_000))
def test_efficient_mechanisms_reach_the_optimum_exactly(name, book, k):
    assert MECHANISMS[name](book, k).clearing.welfare_wei == best_welfare_wei(book)


@settings(max_examples=150, deadline=None)
@given(book=books)
def test_the_others_never_exceed_it_and_the_curves_agree_with_it(book):
    best = best_welfare_wei(book)
    assert optimal_welfare_wei(book) == best
    assert MECHANISMS["mcafee"](book, 0).clearing.welfare_wei <= best
    assert MECHANISMS["continuous"](book, 0).clearing.welfare_wei <= best


def test_a_thousand_orders_reach_the_optimum():
    rng = np.random.default_rng(1)
    book = [
        Order(f"t{i}", Side.BID if rng.random() < 0.5 else Side.ASK, int(wh), int(price))
        for i, (wh, price) in enumerate(rng.integers((1, 80), (5_000, 300), (1_000, 2)))
    ]
    best = best_welfare_wei(book)
    assert best > 0
    assert MECHANISMS["k_double_auction"](book, 5_000).clearing.welfare_wei == best
    assert MECHANISMS["walrasian"](book, 5_000).clearing.welfare_wei == best
