"""One registry a role: what the schema offers can be made, and nothing else can."""

from p2p_cosim.compose import control, faults
from p2p_cosim.core.roles import CONTROLLERS, DETECTORS, MECHANISMS, STRATEGIES
from p2p_cosim.market.oracle.mechanisms import MECHANISMS as ORACLES
from p2p_cosim.scenario import Scenario
from p2p_cosim.scenario.schema.plugin_names import plugin_names
from p2p_cosim.studies.detection import evaluate


def test_every_name_has_a_maker_of_its_sort():
    assert list(ORACLES) == list(MECHANISMS)
    assert list(evaluate.DETECTORS) == list(DETECTORS)
    assert set(faults.SIMPLE) | set(faults.WITH_TWIN) == set(DETECTORS)
    assert set(faults.WITH_TWIN) == {name for name, facts in DETECTORS.items() if facts.needs_twin}
    assert set(control.TAPS) == {name for name, facts in CONTROLLERS.items() if facts.moves_taps}
    assert set(control.INVERTERS) == {n for n, facts in CONTROLLERS.items() if facts.inverters}


def test_a_class_of_ones_own_is_found_wherever_the_schema_takes_one():
    own = {
        "market.strategy": "a.b:One",
        "market.bulk_strategy": "a.b:Two",
        "control.controller": "a.b:Three",
        "faults.detector": "a.b:Four",
        "traders.house_1.strategy": "a.b:Five",
    }
    assert plugin_names(Scenario(name="x").replace(own)) == own
    assert plugin_names(Scenario(name="x")) == {}
    for name in STRATEGIES:
        prices = {"bid_eur_per_kwh": 0.2, "ask_eur_per_kwh": 0.1}
        own_name = {"traders.every_house." + key: value for key, value in prices.items()}
        assert plugin_names(Scenario(name="x").replace({"market.strategy": name, **own_name})) == {}
