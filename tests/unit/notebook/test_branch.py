"""Changing a run while it goes, and going on both ways from a tick."""

import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import InputError, SimulationError
from p2p_cosim.notebook.driver import Driver
from p2p_cosim.notebook.shown import state_of


def run(ticks):
    return [record.tick for record in ticks]


@pytest.fixture
def sale():
    driver = Driver(p2p.load("overvoltage").replace(controller="reactive"))
    yield driver
    driver.close()


def test_both_ways_are_the_runs_that_python_makes(sale):
    run(sale.steps(7))
    sale.fork(controller="hold")
    assert sale.branch.sim.ledger.equals(sale.sim.ledger)
    assert run(sale.steps(5)) == [7, 8, 9, 10, 11]
    alone = Driver(p2p.load("overvoltage").replace(controller="reactive"))
    run(alone.steps(12))
    assert alone.sim.so_far.voltages.equals(sale.sim.so_far.voltages)
    alone.reset()
    run(alone.steps(7))
    alone.change(controller="hold")
    run(alone.steps(5))
    assert alone.sim.so_far.voltages.equals(sale.branch.sim.so_far.voltages)
    assert alone.sim.so_far.taps.equals(sale.branch.sim.so_far.taps)
    alone.close()


def test_what_is_shown_of_both_ways(sale):
    run(sale.steps(7))
    assert state_of(sale)["branch"] is None
    sale.fork(**{"market.strategy": "opt_out"})
    run(sale.steps(2))
    shown = state_of(sale)["branch"]
    assert (shown["tick"], shown["fields"]) == (7, {"market.strategy": "opt_out"})
    here, there = ({row[0]: row[way] for row in shown["figures"]} for way in (1, 2))
    for way, sim in ((here, sale.sim), (there, sale.branch.sim)):
        rounds = sim.so_far.market.query("tick >= 7")
        assert way["traded (kWh)"] == rounds["energy_wh"].sum() / 1000
        assert way["highest voltage (pu)"] == sim.so_far.voltages.query("tick >= 7")["v_pu"].max()
    assert [len(way) for way in shown["v_max_pu"]] == [2, 2]


def test_a_change_holds_from_the_next_tick_and_is_noted_as_from_outside():
    driver = Driver(p2p.load("trading_day").replace(start="2024-06-21 12:00", ticks=3))
    run(driver.steps())
    before = driver.sim.so_far.orders
    driver.change(strategy="truthful")
    run(driver.steps())
    retail = driver.sim.scenario.tariff.tariff().retail_wei_per_wh
    orders = driver.sim.so_far.orders.query("side == 'bid'").groupby("tick")["price_wei_per_wh"]
    assert orders.nunique().to_list()[1] == 1
    assert set(driver.sim.so_far.orders.query("tick == 1 and side == 'bid'").price_wei_per_wh) == {
        retail
    }
    assert driver.sim.so_far.orders.query("tick == 0").equals(before)
    (given,) = driver.sim.outside
    assert (given.tick, given.kind) == (1, "field")
    assert given.payload == {"field": "market.strategy", "value": "truthful"}
    driver.fork(strategy="zic")
    assert [each.tick for each in driver.branch.sim.outside] == [1, 2]
    driver.reset()
    assert driver.branch is None
    assert state_of(driver)["now"]["market.strategy"] == "zic"
    driver.close()


@pytest.mark.parametrize(
    ("fields", "error", "told"),
    [
        ({"pv_share": 0.2}, InputError, r"profiles\.pv_share: may not change while"),
        ({"controller": "volt_var"}, InputError, "from reactive to volt_var it may not change"),
        ({"margin_pu": 9.0}, p2p.ScenarioError, r"control\.margin_pu: 9\.0 exceeds"),
        ({"controller": "reactive"}, InputError, "both ways would be the same"),
        ({}, InputError, "no field: both ways would be the same"),
    ],
)
def test_what_cannot_be_another_way_is_told_and_changes_nothing(fields, error, told, sale):
    with pytest.raises(error, match=told):
        sale.fork(**fields)
    assert sale.branch is None
    assert not sale.sim.outside


def test_a_run_with_a_branch_is_not_changed(sale):
    sale.fork(controller="hold")
    with pytest.raises(InputError, match=r"there is a branch: reset\(\)"):
        sale.change(controller="hold")


class Counts:
    """A controller that does something else when it is asked again: it was not made anew."""

    name = "counts"

    def __init__(self):
        self.asked = 0

    def decide(self, view):
        self.asked += 1
        if self.asked == 3:
            return p2p.Decision([p2p.TapMove("reg_b", view.taps["reg_b"] - 1, "third")])
        return p2p.Decision()


def test_a_plugin_that_remembers_is_noticed():
    shared = Counts()
    driver = Driver(p2p.load("overvoltage"), plugins=lambda: {"controller": shared})
    run(driver.steps(4))
    with pytest.raises(SimulationError, match="a plug-in remembers what it saw"):
        driver.fork(**{"market.strategy": "opt_out"})
    with pytest.raises(InputError, match="controller: an object of yours has its place"):
        driver.fork(controller="hold")
    driver.close()
    anew = Driver(p2p.load("overvoltage"), plugins=lambda: {"controller": Counts()})
    run(anew.steps(4))
    anew.fork(**{"market.strategy": "opt_out"})
    anew.close()
