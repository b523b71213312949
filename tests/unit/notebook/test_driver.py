"""What the stepper's buttons do, without a browser."""

import json

import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import InputError
from p2p_cosim.notebook.driver import MOST_STEPS, Driver
from p2p_cosim.notebook.shown import state_of, world_of


def run(ticks):
    return [record.tick for record in ticks]


@pytest.fixture
def houses():
    driver = Driver(p2p.load("three_houses"))
    yield driver
    driver.close()


def test_steps_end_with_the_run(houses):
    assert run(houses.steps()) == [0]
    assert run(houses.steps(10)) == [1, 2, 3]
    assert run(houses.steps()) == []
    assert houses.sim.done


def test_after_a_reset_the_same_run_comes_again(houses):
    run(houses.steps(4))
    first = state_of(houses) | {"calls": []}
    houses.reset()
    assert houses.sim.tick == 0
    assert "book" not in state_of(houses)
    run(houses.steps(4))
    assert state_of(houses) | {"calls": []} == first


@pytest.mark.parametrize("ticks", [0, -1, MOST_STEPS + 1])
def test_so_many_ticks_are_refused(houses, ticks):
    with pytest.raises(InputError, match=f"a number from 1 to {MOST_STEPS}"):
        run(houses.steps(ticks))


def test_what_is_shown_is_what_the_simulation_says(houses):
    run(houses.steps(2))
    sim, state, world = houses.sim, state_of(houses), world_of(houses.sim)
    assert json.loads(json.dumps([state, world], allow_nan=False)) == [state, world]
    assert state["price"] == pytest.approx(0.19)
    assert [row[:3] for row in state["book"]] == sim.book[
        ["trader", "side", "energy_wh"]
    ].to_numpy().tolist()
    assert state["v_pu"] == sim.voltages.tolist()
    assert {row[0]: row[1] for row in state["ledger"]} == sim.ledger["balance_eur"].to_dict()
    assert {row[1] for row in state["devices"]} == {"load", "pv"}
    assert set(world["map"]["buses"]) <= {
        node.rpartition(".")[0] for node in sim.model.grid.node_names
    }
    assert state["buses"]["675"] == pytest.approx(
        max(
            (
                v
                for n, v in zip(sim.model.grid.node_names, sim.last.grid.node_v_pu, strict=True)
                if n.startswith("675.")
            ),
            key=lambda v: abs(v - 1),
        )
    )


def test_to_the_next_event_stops_at_fault_and_all_clear():
    driver = Driver(p2p.load("outage"))
    fault = driver.sim.scenario.faults.schedule[0]
    assert run(driver.to_event())[-1] == fault.start_tick
    assert [text.partition(":")[0] for _, text in driver.events] == ["fault", "alarm"]
    assert state_of(driver)["v_pu"][0] == 0
    assert run(driver.to_event())[-1] == fault.end_tick  # the all-clear
    assert run(driver.to_event())[-1] == driver.sim.scenario.clock.ticks - 1
    assert list(driver.to_event()) == []
    assert driver.calls[-1].startswith("stepper.to_event()")
    driver.close()


def test_a_house_that_leaves_the_band_is_an_event_once():
    scenario = p2p.load("overvoltage").replace(controller="hold")
    driver = Driver(scenario)
    run(driver.to_event())
    assert all(text.startswith("voltage: house_") for _, text in driver.events)
    known = len(driver.events)
    v_pu = driver.sim.voltages
    assert known == (v_pu > scenario.control.v_max_pu).sum() > 0
    driver.close()


def test_plugins_are_made_anew_for_each_run():
    made = []

    class Remembers:
        name = "remembers"

        def inspect(self, meters):
            return []

    def plugins():
        made.append(Remembers())
        return {"detector": made[-1]}

    driver = Driver(p2p.load("three_houses"), plugins=plugins)
    driver.reset()
    assert len(made) == 2
    driver.close()
