"""Equilibria of double auctions, against what can be computed by hand."""

import numpy as np
import pytest

from p2p_cosim.studies.theory.shading import (
    GRID,
    Strategy,
    buyers_bid,
    learned,
    loss,
    odds,
    regret,
    split_the_difference,
)


def rng():
    return np.random.default_rng(5)


def test_the_truth_loses_nothing():
    lost, error = loss(Strategy(GRID.copy(), 0.5), 5, 200, rng())
    assert lost == pytest.approx(0.0, abs=1e-9)
    assert error == pytest.approx(0.0, abs=1e-9)


def test_loss_of_one_buyer_against_integrals_by_hand():
    """k = 1: trade where c < v / 2, worth 1/8 of 1/6. k = 1/2: 9/64 of 1/6."""
    for strategy, kept in ((buyers_bid(1), 1 / 8), (split_the_difference(), 9 / 64)):
        lost, error = loss(strategy, 1, 20_000, rng())
        assert lost == pytest.approx(1 - 6 * kept, abs=4 * error)
        assert error < 0.01


def test_odds_of_one_buyer_against_a_truthful_seller():
    """A bid b trades with chance b and pays itself."""
    found = odds(buyers_bid(1), 1, 200_000, rng())
    assert found.wins == pytest.approx(GRID, abs=0.01)
    assert found.pays == pytest.approx(GRID**2, abs=0.01)
    assert found.best(0.8) == pytest.approx(0.16, abs=0.005)  # at b = v / 2


@pytest.mark.parametrize("m", [1, 2, 8])
def test_the_closed_form_leaves_nothing_to_gain(m):
    assert regret(buyers_bid(m), m, rng()) < 0.01
    assert regret(Strategy(GRID * 0.3, 1.0), m, rng()) > 0.05


@pytest.mark.parametrize("m", [2, 4])
def test_learning_finds_the_closed_form(m):
    found = learned(1.0, m, rng(), steps=40)
    inner = GRID <= 0.9
    assert found.bids[inner] == pytest.approx(buyers_bid(m).bids[inner], abs=0.05)
