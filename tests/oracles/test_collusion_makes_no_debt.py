"""Trading never makes a debt that cannot be collected: colluders among honest houses.

`python tests/support/collusion.py` plays ten thousand on the reference. Here some are played on
the reference, and some on the contract, which must end where the reference does.
"""

import numpy as np
import pytest
from collusion import differences, faults, random_play

from p2p_cosim.core.types import Tariff


def test_plays_of_colluders_make_no_debt():
    rng = np.random.default_rng(0)
    assert [fault for _ in range(500) for fault in faults(random_play(rng))] == []


def test_the_search_finds_what_margins_prevent(monkeypatch):
    """Asks without a margin, as they once were: the same plays find debts."""
    monkeypatch.setattr(Tariff, "margin_wei_per_wh", lambda self, side, limit: 0)
    rng = np.random.default_rng(0)
    assert [fault for _ in range(100) for fault in faults(random_play(rng))]


@pytest.mark.parametrize("seed", range(6))
def test_the_contract_ends_a_play_where_the_reference_does(seed):
    assert differences(random_play(np.random.default_rng(seed))) == []


def test_another_end_on_the_contract_is_told(monkeypatch):
    monkeypatch.setattr(Tariff, "margin_wei_per_wh", lambda self, side, limit: 0)
    rng = np.random.default_rng(0)
    assert [found for _ in range(6) for found in differences(random_play(rng))]
