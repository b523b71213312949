"""The contract of each rule gives the pairs of its reference; `make fuzz` does ten thousand."""

import pytest
from rule_fuzz import Book, mismatches, unpacked

from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.core.roles import MECHANISMS
from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.deployment import deploy_rule

BOOKS = 300
LONG = 2 * 256 + 1  # more orders than two words of a set have bits for
K_BASIS_POINTS, PRICE_SIZE_WH = 5_000, 1


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_random_books(mechanism):
    outcomes = list(mismatches(mechanism, BOOKS, seed=0))
    assert len(outcomes) == BOOKS
    assert [outcome for outcome in outcomes if outcome] == []


@pytest.mark.parametrize("taking", Side)
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_long_book_is_taken_order_by_order(mechanism, taking):
    resting, price = (Side.ASK, LONG) if taking is Side.BID else (Side.BID, 1)
    orders = [Order("t", resting, 1, 1 + i) for i in range(LONG)]
    book = Book((*orders, *[Order("t", taking, 1, price)] * LONG), (False,) * (2 * LONG))
    chain = GeneratedChain()
    sender = chain.account("deployer")
    rule = deploy_rule(chain, mechanism, K_BASIS_POINTS, sender, PRICE_SIZE_WH)
    pairs = [unpacked(pair) for pair in rule.read.clear(book.packed())]
    assert pairs == book.pairs(mechanism, K_BASIS_POINTS, PRICE_SIZE_WH)
