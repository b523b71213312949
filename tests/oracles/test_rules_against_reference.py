"""The contract of each rule gives the pairs of its reference; `make fuzz` does ten thousand."""

import pytest
from rule_fuzz import mismatches

from p2p_cosim.core.roles import MECHANISMS

BOOKS = 300


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_random_books(mechanism):
    outcomes = list(mismatches(mechanism, BOOKS, seed=0))
    assert len(outcomes) == BOOKS
    assert [outcome for outcome in outcomes if outcome] == []
