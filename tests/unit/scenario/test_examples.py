"""Example scenarios are found by name from anywhere, and copied whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2p_cosim.core.errors import InputError, ScenarioError
from p2p_cosim.scenario import load
from p2p_cosim.scenario.examples import copy_examples, examples

SOURCE = Path(__file__).parents[3] / "scenarios"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("file", sorted(SOURCE.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_bare_name_finds_the_example_and_its_data_from_any_folder(file: Path) -> None:
    assert load(file.stem).content_digest() == load(file).content_digest()
    assert set(examples()) == {other.stem for other in SOURCE.glob("*.yaml")}


def test_a_file_of_ones_own_comes_before_the_example(elsewhere: Path) -> None:
    (elsewhere / "scenarios").mkdir()
    (elsewhere / "scenarios" / "outage.yaml").write_text("name: mine\n")
    assert load("outage").name == "mine"


def test_a_copy_has_everything_and_overwrites_nothing(elsewhere: Path) -> None:
    written = copy_examples(elsewhere / "mine")
    assert len(written) == len(
        [f for f in SOURCE.rglob("*") if f.suffix in (".yaml", ".csv", ".py")]
    )
    assert load("mine/measured_day.yaml").content_digest() == load("measured_day").content_digest()
    (elsewhere / "mine" / "outage.yaml").unlink()
    with pytest.raises(InputError, match=r"mine/trading_day\.yaml.* would be overwritten"):
        copy_examples(elsewhere / "mine")
    assert not (elsewhere / "mine" / "outage.yaml").exists()


def test_what_is_not_found_says_where_it_was_looked_for(elsewhere: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load("scenarios/trading_day.yaml")
    assert f"there is no file 'scenarios/trading_day.yaml' in {elsewhere}" in str(caught.value)
    with pytest.raises(ScenarioError) as caught:
        load("trading_dya")
    assert "no example of that name (fault_day" in str(caught.value)
    assert "did you mean 'trading_day'?" in str(caught.value)
