"""The scenario's lists of places are the grid's, so that a checked scenario can break."""

import pytest

from p2p_cosim.grid import HousePlan, package_circuit
from p2p_cosim.grid.faults import GRID_KINDS
from p2p_cosim.grid.houses import place_houses
from p2p_cosim.scenario import Scenario
from p2p_cosim.scenario.schema import faults
from p2p_cosim.scenario.schema.fields import FEEDER_LINES, FEEDER_SWITCHES


def test_lines_and_switches_are_those_of_the_feeder():
    ours = FEEDER_LINES["ieee13"] | FEEDER_SWITCHES["ieee13"]
    assert ours == {place: b.phases for place, b in package_circuit("ieee13").breakable().items()}


def test_buses_are_those_of_the_feeder_without_its_source():
    buses = {name: bus.phases for name, bus in package_circuit("ieee13").buses.items()}
    del buses["650"]
    assert faults._buses() == buses


@pytest.mark.parametrize(
    ("count", "per_transformer", "sites"),
    [(30, 6, 5), (30, 4, 5), (7, 3, 2), (1, 6, 1), (11, 2, 4), (3, 1, 5)],
)
def test_service_transformers_are_named_as_the_grid_names_them(count, per_transformer, sites):
    all_sites = ("652.A", "611.C", "684.A", "684.C", "675.B")[:sites]
    scenario = Scenario(
        name="x",
        houses={"count": count, "per_transformer": per_transformer, "sites": all_sites},
    )
    placed = place_houses(package_circuit("ieee13"), HousePlan(count, all_sites, per_transformer))
    ours = faults._transformers(scenario)
    assert ours == tuple(dict.fromkeys(house.transformer for house in placed))


def test_every_kind_of_the_grid_may_stand_in_a_scenario():
    kinds = set(faults.FaultKind.__args__)
    assert set(GRID_KINDS) | {"inverter_trip", "lying_meter"} == kinds
