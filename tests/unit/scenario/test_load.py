from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p_cosim.core.errors import ScenarioError
from p2p_cosim.scenario import Scenario, load
from p2p_cosim.scenario.load import MAX_FILE_BYTES
from p2p_cosim.scenario.yaml_text import parse

ROOT = Path(__file__).parents[3]


def _refusal(path: str | Path) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("trading_day", "Scenario('trading_day', ieee13, 30 households, 96 x 15 min)"),
        ("three_houses", "Scenario('three_houses', ieee13, 3 households, 4 x 60 min)"),
        ("measured_day", "Scenario('measured_day', ieee13, 5 households, 96 x 15 min)"),
    ],
)
def test_shipped_scenarios_load_by_path_and_by_name(
    name: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_path = load(ROOT / "scenarios" / f"{name}.yaml")
    monkeypatch.chdir(ROOT)
    assert repr(load(name)) == repr(by_path) == shown
    assert load(name).content_digest() == by_path.content_digest()


def test_missing_file_names_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert "did you mean 'trading_day.yaml'?" in _refusal("scenarios/trading_dya.yaml")
    assert "did you mean 'trading_day.yaml'?" in _refusal("trading_dya")


def test_missing_folder(tmp_path: Path) -> None:
    assert "there is no file" in _refusal(tmp_path / "nowhere" / "day.yaml")


def test_folder(tmp_path: Path) -> None:
    assert "is a folder: name a .yaml file in it" in _refusal(tmp_path)


def test_file_too_large(tmp_path: Path) -> None:
    file = tmp_path / "day.yaml"
    file.write_text("name: day\n" + "#" * MAX_FILE_BYTES)
    assert f"more than {MAX_FILE_BYTES}: move series to a CSV file" in _refusal(file)


def test_byte_order_mark_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "day.yaml"
    file.write_bytes(b"\xef\xbb\xbfname: day\n")
    assert load(file).name == "day"


def test_numbers_with_exponents_are_numbers() -> None:
    data, problems = parse("[1e-3, 1.5e3, -2E+2, 1e, e3]")
    assert data == [1e-3, 1500.0, -200.0, "1e", "e3"]
    assert problems == []


def test_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("timestamp,house,load_kw,pv_kw\n")
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "data.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "day.yaml").write_text("name: day\nprofiles: {source: csv, csv: data.csv}\n")
    assert "'data.csv' leads out of the scenario's folder" in _refusal(folder / "day.yaml")


_SECTIONS = [*Scenario.model_fields, "load_kw", "count", "schedule", "house_1", "sites", "k"]
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text("ab:_1.", max_size=8)
    | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(_SECTIONS) | st.integers(), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(_SECTIONS), _JSON, max_size=5))
def test_whatever_the_data_it_is_a_scenario_or_a_scenario_error(data: dict[str, object]) -> None:
    try:
        result: object = Scenario.model_validate(data)
    except ScenarioError as error:
        result = error
    assert isinstance(result, Scenario) or (isinstance(result, ScenarioError) and result.problems)


@given(st.text(alphabet="ab:-{}[]&*!<>?|\"'#, \n\t1.e~\0", max_size=40))
def test_whatever_the_text_it_parses_or_is_a_problem(text: str) -> None:
    data, problems = parse(text)
    assert data is None or not any("is not YAML" in str(problem) for problem in problems)
