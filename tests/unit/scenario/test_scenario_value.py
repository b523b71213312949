"""The scenario as a value: replacing, resolving, hashing, showing."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from p2p_cosim.core.errors import Problem, ScenarioError
from p2p_cosim.core.types import Fault, Tariff
from p2p_cosim.feeders import places_of
from p2p_cosim.scenario import Scenario, load
from p2p_cosim.scenario.schema import MarketSection
from p2p_cosim.scenario.schema.changes import find_path
from p2p_cosim.scenario.schema.problems import leaf_paths

ROOT = Path(__file__).parents[3]
SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))


@pytest.fixture
def day() -> Scenario:
    return Scenario(name="day")


def _problems(error: pytest.ExceptionInfo[ScenarioError]) -> list[str]:
    return [str(problem) for problem in error.value.problems]


def test_replace_by_last_part_and_by_path(day: Scenario) -> None:
    changed = day.replace({"market.k": 0.4}, pv_share=0.8, controller="hold")
    assert (changed.market.k, changed.profiles.pv_share) == (0.4, 0.8)
    assert changed.control.controller == "hold"
    assert day == Scenario(name="day")
    assert changed.market.k_basis_points == 4000


def test_replace_top_level_name_in_spite_of_feeder_name(day: Scenario) -> None:
    assert day.replace(name="night").name == "night"


def test_replace_reaches_traders(day: Scenario) -> None:
    changed = day.replace({"traders.house_2.load_kw": 2.0}).replace(
        {"traders.house_2.strategy": "truthful"}
    )
    assert changed.trader("house_2").load_kw == 2.0
    assert changed.trader("house_2").strategy == "truthful"


def test_replace_takes_numpy_scalars_and_arrays(day: Scenario) -> None:
    changed = day.replace(
        {"ticks": np.int64(2), "traders.house_1.load_kw": np.array([1.0, 2.0])},
        pv_share=np.float64(0.25),
    )
    assert changed.clock.ticks == 2
    assert changed.traders["house_1"].load_kw == (1.0, 2.0)


def test_replace_validates_anew_between_sections(day: Scenario) -> None:
    with pytest.raises(ScenarioError) as caught:
        day.replace(feed_in_eur_per_kwh=0.5, pv_share=2)
    assert [problem.path for problem in caught.value.problems] == [
        "profiles.pv_share",
        "tariff.feed_in_eur_per_kwh",
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pv_shre", "pv_shre: unknown field; did you mean 'pv_share'?"),
        ("market.pv_share", "market.pv_share: unknown field; did you mean 'profiles.pv_share'?"),
        ("market", "market: is a section: name a field of it, such as 'market.mechanism'"),
        ("qqq", "qqq: unknown field"),
    ],
)
def test_replace_with_a_wrong_name(day: Scenario, name: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        day.replace({name: 1})
    assert _problems(caught) == [message]


def test_ambiguous_name_lists_the_candidates() -> None:
    paths = ["clock.start", "faults.start", "market.k"]
    assert find_path("start", paths) == Problem(
        "start", "is ambiguous: write one of clock.start, faults.start"
    )
    assert find_path("k", paths) == "market.k"


@pytest.mark.parametrize("path", list(leaf_paths(Scenario)))
def test_every_leaf_can_be_replaced_by_its_path(day: Scenario, path: str) -> None:
    value: object = day.model_dump()
    for part in path.split("."):
        assert isinstance(value, dict)
        value = value[part]
    assert day.replace({path: value}).resolved() == day.resolved()


def test_frozen(day: Scenario) -> None:
    with pytest.raises(AttributeError, match="scenario does not change"):
        day.seed = 3  # type: ignore[misc]
    with pytest.raises(AttributeError, match="scenario does not change"):
        day.market.k = 0.3  # type: ignore[misc]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_yaml_round_trip(file: Path) -> None:
    scenario = load(file)
    again = Scenario.model_validate(yaml.safe_load(scenario.to_yaml())).at(file.parent)
    assert again == scenario
    assert again.to_yaml() == scenario.to_yaml()
    assert again.content_digest() == scenario.content_digest()


def test_resolved_shows_every_field_in_the_order_of_the_schema(day: Scenario) -> None:
    resolved = day.resolved()
    assert list(resolved) == list(Scenario.model_fields)
    assert list(resolved["market"]) == list(MarketSection.model_fields)


@given(
    k=st.integers(0, 10_000).map(lambda basis_points: basis_points / 10_000),
    pv_share=st.floats(0, 1),
    ticks=st.integers(1, 1000),
    seed=st.integers(0, 2**63 - 1),
    load=st.floats(0, 100),
)
def test_round_trip_of_any_valid_values(
    k: float, pv_share: float, ticks: int, seed: int, load: float
) -> None:
    changes = {"traders.house_1.load_kw": load}
    scenario = Scenario(name="x").replace(changes, k=k, pv_share=pv_share, ticks=ticks, seed=seed)
    again = Scenario.model_validate(yaml.safe_load(scenario.to_yaml()))
    assert again == scenario
    assert again.content_digest() == scenario.content_digest()


def test_digest_changes_with_any_field_and_with_the_data(tmp_path: Path) -> None:
    file = tmp_path / "day.yaml"
    file.write_text("name: day\nprofiles: {source: csv, csv: a.csv}\n")
    digests = set()
    for data in ("one", "two"):
        (tmp_path / "a.csv").write_text(data)
        digests |= {load(file).content_digest(), load(file).replace(seed=1).content_digest()}
    assert len(digests) == 4
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in digests)


def test_copies_and_pickles_keep_the_folder() -> None:
    measured = load(ROOT / "scenarios" / "measured_day.yaml")
    assert measured.replace(seed=5).csv_file() == measured.csv_file()
    assert pickle.loads(pickle.dumps(measured)).csv_file() == measured.csv_file()  # noqa: S301


def test_repr_of_one_household() -> None:
    one = Scenario(name="day").replace(count=1, ticks=4, interval_min=60)
    assert repr(one) == str(one) == "Scenario('day', ieee13, 1 household, 4 x 60 min)"


def test_html_escapes_and_marks_what_differs(day: Scenario) -> None:
    html = day.replace(description="<script>", pv_share=0.8)._repr_html_()
    assert "<script>" not in html
    assert "pv_share: <b>0.8</b>" in html
    assert "pv_kw: 5.0" in html


def test_trader_fills_in_what_all_share(day: Scenario) -> None:
    scenario = day.replace({"traders.house_1.forecast_error": 0.0}, strategy="truthful")
    assert scenario.trader("house_1").forecast_error == 0.0
    assert scenario.trader("house_2").forecast_error == 0.1
    assert scenario.trader("house_1").strategy == "truthful"


def test_sections_convert_to_core_records() -> None:
    entry = {"kind": "house_outage", "place": "house_3", "start_tick": 1, "end_tick": 4}
    scenario = Scenario(name="day").replace(schedule=[entry], interval_min=30, ticks=5)
    assert scenario.faults.schedule[0].fault() == Fault("house_outage", "house_3", 1, 4)
    assert (scenario.clock.clock().interval_s, scenario.clock.clock().ticks) == (1800, 5)
    # 1 EUR/kWh at 2500 EUR/ether is 4e11 wei/Wh.
    assert scenario.tariff.tariff() == Tariff(120_000_000_000, 32_000_000_000)
    assert scenario.tariff.amount_wei(10) == 4 * 10**15


def test_plugins_by_name_are_taken(day: Scenario) -> None:
    changed = day.replace(strategy="my_package.pricing:Careful", detector="mine:Detector")
    assert changed.market.strategy == "my_package.pricing:Careful"


def test_limits_are_those_of_the_contract() -> None:
    rules = (ROOT / "contracts" / "MarketRules.sol").read_text()
    most_orders = re.search(r"MAX_ORDERS = (\d+)", rules)
    assert most_orders
    assert Scenario(name="x").replace(max_orders=int(most_orders[1])).market.max_orders
    with pytest.raises(ScenarioError, match="exceeds the limit"):
        Scenario(name="x").replace(max_orders=int(most_orders[1]) + 1)
    interface = (ROOT / "contracts" / "IMarketTypes.sol").read_text()
    assert "type EnergyWh is uint32" in interface
    assert "type PriceWeiPerWh is uint56" in interface


def test_sites_are_the_primary_nodes_of_the_feeder_tables() -> None:
    buses = (ROOT / "p2p_cosim" / "feeders" / "data" / "ieee13" / "buses.csv").read_text()
    rows = [line.split(",") for line in buses.splitlines()[1:]]
    primary = {f"{bus}.{phase}" for bus, phases, kv, *_ in rows if kv == "4.16" for phase in phases}
    assert set(places_of("ieee13").primary) == primary


def test_import_is_light() -> None:
    code = (
        "import sys, p2p_cosim.scenario;"
        "print([m for m in ('pandas', 'mesa', 'matplotlib', 'opendssdirect') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert result.stdout.strip() == "[]"
