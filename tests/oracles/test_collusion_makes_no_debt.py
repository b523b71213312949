"""Trading never makes a debt that cannot be collected: colluders among honest houses.

`python tests/support/collusion.py` plays ten thousand on the reference. Here some are played on
the reference, and some on the contract, which must end where the reference does.
"""

from dataclasses import replace

import numpy as np
import pytest
from collusion import admitted, faults, random_play
from market_world import RULES, World

from p2p_cosim.core.types import Tariff
from p2p_cosim.market.oracle.mechanisms import MECHANISMS
from p2p_cosim.market.oracle.reference import ReferenceAccounts


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
    play = random_play(np.random.default_rng(seed), feed_in=8)
    rules = replace(RULES, mechanism=play.mechanism, k_basis_points=play.k_basis_points)
    world, accounts = World(rules), ReferenceAccounts("utility", play.tariff)
    world.deposit(utility=10**6, **play.deposits_wei)
    world.register(*play.meters)
    world.metered.update(play.everybody)  # the others have none
    for name, wei in (*play.deposits_wei.items(), ("utility", 10**6)):
        accounts.credit(name, wei)
    for round_id, (orders, readings) in enumerate(play.rounds, 1):
        receipts = world.chain.transact_many([world.placement(order) for order in orders])
        book = admitted(play, accounts, orders)
        assert sum(receipt.status for receipt in receipts) == len(book)
        world.clear()
        result = MECHANISMS[play.mechanism](book, play.k_basis_points)
        accounts.book_clearing(round_id, book, result)
        world.settle(round_id=round_id, **{r.trader: r.metered_wh for r in readings})
        accounts.settle(round_id, readings)
        assert world.accounts(play.everybody) == {
            name: (accounts.balance_wei[name], accounts.open_wei[name], accounts.energy_wh[name])
            for name in play.everybody
        }
    world.check_money(play.everybody)
