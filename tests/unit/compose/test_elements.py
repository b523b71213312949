"""What houses lie behind together, on the IEEE 13-bus feeder."""

import pytest

from p2p_cosim.compose.elements import elements_of
from p2p_cosim.grid import HousePlan, package_circuit
from p2p_cosim.grid.houses import place_houses


@pytest.fixture
def elements():
    """By houses, what they lie behind: so many houses in blocks over some sites."""

    def make(count, *sites, per_transformer=2):
        circuit = package_circuit("ieee13")
        houses = place_houses(circuit, HousePlan(count, sites, per_transformer))
        found = elements_of(circuit, houses)
        sizes = [len(one.houses) for one in found]
        assert sizes == sorted(sizes, reverse=True)
        assert len({one.houses for one in found}) == len(found)
        numbers = [tuple(sorted(int(h.removeprefix("house_")) for h in e.houses)) for e in found]
        return dict(zip(numbers, [(one.kind, one.name) for one in found], strict=True))

    return make


def test_each_set_of_houses_has_the_element_that_says_most(elements):
    # 611.C lies behind 684-611, 652.A behind 684-652, both behind 671-684; 675 behind a switch.
    assert elements(12, "611.C", "652.A", "675.A", "633.B") == {
        tuple(range(1, 13)): ("feeder", "ieee13"),
        (1, 2, 3, 4, 5, 6, 7, 8, 9): ("lateral", "670-671"),
        (1, 2, 3, 4, 5, 6): ("lateral", "671-684"),
        (4, 5, 6, 7, 8, 9): ("phase", "670-671.A"),
        (1, 2, 3): ("lateral", "684-611"),
        (4, 5, 6): ("lateral", "684-652"),
        (7, 8, 9): ("lateral", "692-675"),
        (10, 11, 12): ("lateral", "632-633"),
        (1, 2): ("transformer", "service_1"),
        (4, 5): ("transformer", "service_3"),
        (7, 8): ("transformer", "service_5"),
        (10, 11): ("transformer", "service_7"),
    }


def test_a_transformer_that_feeds_everybody_is_named_before_the_feeder(elements):
    assert elements(3, "675.B", per_transformer=6) == {(1, 2, 3): ("transformer", "service_1")}


def test_a_house_alone_lies_behind_nothing_together(elements):
    assert elements(1, "675.B") == {}


@pytest.mark.parametrize("feeder", ["ieee34", "ieee123"])
def test_every_house_of_the_larger_feeders_is_reached_from_the_source(feeder):
    circuit = package_circuit(feeder)
    houses = place_houses(circuit, HousePlan(60, "by_load"))
    found = elements_of(circuit, houses)
    behind_lines = {house for one in found if one.kind == "lateral" for house in one.houses}
    buses = {house.bus for house in houses if house.name not in behind_lines}
    assert found[0].kind == "feeder"
    assert len(found[0].houses) == 60
    assert all(len([h for h in houses if h.bus == bus]) == 1 for bus in buses)
