"""Placement of houses and what they replace."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p_cosim.core.errors import GridError
from p2p_cosim.grid.catalogue import package_circuit
from p2p_cosim.grid.houses import HousePlan, place_houses
from p2p_cosim.grid.spots import remaining_loads

FEEDER = package_circuit("ieee13")
SITES = ("652.A", "611.C", "684.A", "684.C", "675.B")


def test_thirty_houses_on_five_sites() -> None:
    houses = place_houses(FEEDER, HousePlan(30, SITES))
    assert [house.name for house in houses] == [f"house_{n}" for n in range(1, 31)]
    assert [f"{house.bus}.{house.phase}" for house in houses[::6]] == list(SITES)
    assert [house.transformer for house in houses] == [f"service_{n // 6 + 1}" for n in range(30)]


def test_a_block_larger_than_a_transformer_is_split() -> None:
    houses = place_houses(FEEDER, HousePlan(10, ("671.A", "671.B"), per_transformer=2))
    assert [house.transformer[-1] for house in houses] == list("1122344556")


@given(
    count=st.integers(0, 60),
    sites=st.lists(st.sampled_from(SITES), min_size=1, max_size=7),
    per_transformer=st.integers(1, 8),
)
def test_any_plan(count: int, sites: list[str], per_transformer: int) -> None:
    houses = place_houses(FEEDER, HousePlan(count, tuple(sites), per_transformer))
    assert len({house.name for house in houses}) == count
    assert all(n <= per_transformer for n in Counter(h.transformer for h in houses).values())
    places = {house.transformer: set() for house in houses}
    for house in houses:
        places[house.transformer].add((house.bus, house.phase))
    assert all(len(where) == 1 for where in places.values())
    block = -(-count // len(sites))
    assert [f"{h.bus}.{h.phase}" for h in houses] == [sites[n // block] for n in range(count)]


@pytest.mark.parametrize(
    ("site", "problem"),
    [
        ("652.B", "is no node for a house: bus '652' has 652.A"),
        ("999.A", "is unknown: did you mean"),
        ("652", "is unknown: did you mean"),
    ],
)
def test_a_site_must_be_a_node_of_the_feeder(site: str, problem: str) -> None:
    with pytest.raises(GridError, match=f"site '{site}' {problem}"):
        place_houses(FEEDER, HousePlan(1, (site,)))


def test_on_low_voltage_a_house_is_behind_the_feeders_own_transformer() -> None:
    (house,) = place_houses(FEEDER, HousePlan(1, ("634.a",)))
    assert (house.bus, house.phase, house.on_secondary) == ("634", "A", True)
    assert house.base_kv == pytest.approx(0.48 / 3**0.5)
    assert house.transformer in {b.element.removeprefix("transformer.") for b in FEEDER.branches}


@pytest.mark.parametrize(
    "bad",
    [
        {"count": -1},
        {"sites": ()},
        {"per_transformer": 0},
        {"transformer_kva": 0.0},
        {"drop_ft": -80.0},
        {"nominal_house_kw": float("nan")},
        {"mode": "subtract"},
    ],
)
def test_a_bad_plan_is_refused(bad: dict[str, object]) -> None:
    (name,) = bad
    with pytest.raises(GridError, match=name.removesuffix("s")):
        HousePlan(**{"count": 6, "sites": SITES, **bad})  # type: ignore[arg-type]


def test_added_houses_leave_the_loads() -> None:
    plan = HousePlan(30, SITES)
    assert remaining_loads(FEEDER, place_houses(FEEDER, plan), plan) == FEEDER.loads


def test_replacing_houses_reduce_the_load_of_their_bus_and_phase() -> None:
    plan = HousePlan(12, ("652.A", "692.C"), mode="replace", nominal_house_kw=3.5)
    before = {load.name: load for load in FEEDER.loads}
    loads = remaining_loads(FEEDER, place_houses(FEEDER, plan), plan)
    after = {load.name: load for load in loads}
    assert list(after) == list(before)
    assert {name for name in before if after[name] != before[name]} == {"spot_652_a", "spot_692_c"}
    for name in ("spot_652_a", "spot_692_c"):
        assert before[name].p_kw - after[name].p_kw == pytest.approx(21)
        ratio = after[name].q_kvar / after[name].p_kw
        assert ratio == pytest.approx(before[name].q_kvar / before[name].p_kw)


def test_a_whole_spot_load_may_be_replaced_but_not_more() -> None:
    plan = HousePlan(17, ("675.B",), mode="replace", nominal_house_kw=4.0)
    (left,) = [
        load
        for load in remaining_loads(FEEDER, place_houses(FEEDER, plan), plan)
        if load.name == "spot_675_b"
    ]
    assert left.p_kw == left.q_kvar == 0
    plan = HousePlan(18, ("675.B",), mode="replace", nominal_house_kw=4.0)
    message = r"site '675.B' has a spot load of 68 kW, and its 18 houses replace 72 kW"
    with pytest.raises(GridError, match=message):
        remaining_loads(FEEDER, place_houses(FEEDER, plan), plan)


def test_a_site_without_spot_load_cannot_be_replaced() -> None:
    """670.A has a share of the distributed load, which is no spot load."""
    for site in ("684.A", "670.A"):
        plan = HousePlan(2, (site,), mode="replace")
        with pytest.raises(GridError, match=f"site '{site}' has no spot load, and its 2 houses"):
            remaining_loads(FEEDER, place_houses(FEEDER, plan), plan)
