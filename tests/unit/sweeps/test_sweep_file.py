from pathlib import Path

import pytest

from p2p_cosim.core.errors import ScenarioError
from p2p_cosim.sweeps import load_sweep

ROOT = Path(__file__).parents[3]
SHIPPED = sorted((ROOT / "scenarios" / "sweeps").glob("*.yaml"))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_what_is_shipped_loads(file):
    told = load_sweep(file)
    assert told.plan.name == file.stem
    assert len(told.plan.axes) >= 2
    assert len(told.plan.runs) >= 30


def test_a_change_is_one_of_the_base(tmp_path):
    file = tmp_path / "small.yaml"
    file.write_text("base: trading_day\nfields: {pv_share: [0, 1]}\nseeds: [5]\ntimeout_s: 9\n")
    told = load_sweep(file, {"houses.count": 2})
    assert [run.scenario.houses.count for run in told.plan.runs] == [2, 2]
    assert (told.timeout_s, told.memory_mb, told.plan.seeds) == (9, None, (5,))


def test_every_problem_of_a_file_is_told_at_once(tmp_path):
    file = tmp_path / "wrong.yaml"
    file.write_text(
        "base: trading_dy\nfeilds: {}\nfields: [1]\npoints: {a: 1}\ntimeout_s: -1\nname: 3\n"
    )
    with pytest.raises(ScenarioError) as caught:
        load_sweep(file)
    text = str(caught.value)
    for part in (
        "did you mean 'fields'?",
        "fields: [1] is not a mapping",
        "points: {'a': 1} is not a list",
        "timeout_s: -1 is not a number above 0",
        "name: 3 is not text",
        "trading_day",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("text", "part"), [("", "begins with base"), ("a: [", "is not YAML"), ("- 1", "is a mapping")]
)
def test_what_is_no_sweep_is_refused(tmp_path, text, part):
    file = tmp_path / "wrong.yaml"
    file.write_text(text)
    with pytest.raises(ScenarioError, match=part):
        load_sweep(file)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ScenarioError, match=r"none\.yaml"):
        load_sweep(tmp_path / "none.yaml")


def test_an_unknown_field_is_told_with_those_there_are(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text("base: trading_day\naxes: {pv_share: [0]}\n")
    with pytest.raises(ScenarioError, match="axes: unknown field: the fields are name, descr"):
        load_sweep(file)
