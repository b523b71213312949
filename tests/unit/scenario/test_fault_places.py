"""A checked scenario can break: schema and grid read the same facts of a feeder."""

import pytest

from p2p_cosim.feeders import FEEDERS, places_of, regulators_of, service_transformers
from p2p_cosim.feeders.sites import spread_evenly
from p2p_cosim.grid import HousePlan, package_circuit
from p2p_cosim.grid.houses import place_houses


def test_places_of_a_tabulated_feeder_are_those_of_its_circuit():
    assert places_of("ieee13") == package_circuit("ieee13").places()


@pytest.mark.parametrize("feeder", FEEDERS)
def test_regulators_are_those_of_the_circuit(feeder):
    names = tuple(regulator.name for regulator in package_circuit(feeder).regulators)
    assert regulators_of(feeder) == names


@pytest.mark.parametrize(
    ("count", "per_transformer", "sites"),
    [(30, 6, 5), (30, 4, 5), (7, 3, 2), (1, 6, 1), (11, 2, 4), (3, 1, 5)],
)
def test_service_transformers_are_named_as_the_grid_names_them(count, per_transformer, sites):
    all_sites = ("652.A", "611.C", "684.A", "684.C", "675.B")[:sites]
    placed = place_houses(package_circuit("ieee13"), HousePlan(count, all_sites, per_transformer))
    sizes = [size for _, size in spread_evenly(count, all_sites)]
    expected = tuple(dict.fromkeys(house.transformer for house in placed))
    assert service_transformers(sizes, per_transformer) == expected
