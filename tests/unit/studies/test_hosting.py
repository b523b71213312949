import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import InputError, ScenarioError
from p2p_cosim.studies import hosting
from p2p_cosim.studies.hosting import hosting_capacity


@pytest.fixture(scope="module")
def scenario():
    return p2p.load("scenarios/three_houses.yaml")


@pytest.fixture
def violates_above(monkeypatch):
    """Let runs violate above a value of pv_kw, without running them."""

    def set_limit(limit):
        tried = []

        def first_violation(scenario):
            tried.append(scenario.profiles.pv_kw)
            return (3, "house_2") if tried[-1] > limit else None

        monkeypatch.setattr(hosting, "first_violation", first_violation)
        return tried

    return set_limit


@pytest.mark.parametrize("limit", [0.0, 0.4, 3.3, 7.5, 12.26, 19.9])
@pytest.mark.parametrize("resolution", [0.5, 0.3, 1.0])
def test_the_limit_lies_between_two_tried_values(scenario, violates_above, limit, resolution):
    tried = violates_above(limit)
    found = hosting_capacity(scenario, resolution=resolution)
    assert found.capacity <= limit < found.limit
    assert found.limit - found.capacity <= resolution + 1e-9
    assert tried == [trial.value for trial in found.trials]
    assert len(tried) <= 9


def test_everything_or_nothing_fits(scenario, violates_above):
    violates_above(100)
    assert hosting_capacity(scenario) == hosting.HostingCapacity(
        "pv_kw", 20.0, None, (hosting.Trial(20.0, None),)
    )
    violates_above(-1)
    assert hosting_capacity(scenario).capacity is None
    assert hosting_capacity(scenario).limit == 0.0


def test_progress_is_told(scenario, violates_above):
    violates_above(5)
    told = []
    found = hosting_capacity(scenario, on_trial=told.append)
    assert tuple(told) == found.trials


def test_an_empty_range_is_refused(scenario):
    with pytest.raises(InputError, match="is no range"):
        hosting_capacity(scenario, low=5, high=5)


def test_an_unknown_field_is_refused(scenario):
    with pytest.raises(ScenarioError, match="unknown field"):
        hosting_capacity(scenario, "pv_kilowatt")


def test_real_runs_find_where_the_feeder_is_full(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    noon = p2p.load(p2p.__file__.replace("p2p_cosim/__init__.py", "scenarios/overvoltage.yaml"))
    noon = noon.replace(
        {"ticks": 1, "start": "2024-06-21 12:00", "pv_share": 1.0, "cloudiness": 0.0}
        | {"traders.every_house.pv_kw": None, "controller": "hold"}
    )
    held = hosting_capacity(noon, low=2, high=18, resolution=4)
    assert 2 <= held.capacity < held.limit <= 18
    watched = hosting_capacity(noon.replace(controller="look_ahead"), low=2, high=18, resolution=4)
    assert watched.capacity > held.capacity
    assert list(tmp_path.iterdir()) == []  # nothing is written
