"""Scripted players over HTTP, as a class has them; benchmarks/class_of_players.py is longer."""

import pytest
from class_of import play
from served import scenario


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_order_is_lost_and_every_account_is_its_bill():
    day = scenario().replace({"houses.count": 6, "clock.ticks": 12})
    found = play(players=4, rounds=5, gate_s=1.0, scenario=day)
    assert (found.lost, found.wrong, found.problems) == ([], [], [])
    assert found.orders - found.late >= 4
    assert max(found.late_s) < 1.0  # the clock's; this machine may be busy
