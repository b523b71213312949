import os

import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import ResultsError
from p2p_cosim.record import find_run


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two runs of one scenario and one of another, in this order."""
    folder = tmp_path_factory.mktemp("work") / "results"
    base = p2p.load("scenarios/trading_day.yaml").replace(
        {"houses.count": 2, "clock.ticks": 1, "clock.start": "2024-06-21 11:00"}
    )
    changed = base.replace(pv_share=1.0)
    runs = [p2p.run(scenario, out=folder) for scenario in (base, changed)]
    runs.append(p2p.run(base.replace(seed=9).model_copy(update={"name": "other"}), out=folder))
    for number, run in enumerate(runs):
        os.utime(run.path / "manifest.json", (1_000 + number, 1_000 + number))
    return runs


def test_runs_are_listed_with_the_newest_first(made):
    listed = p2p.runs(made[0].path.parents[1])
    assert list(listed["run_id"]) == [run.path.name for run in reversed(made)]
    assert list(listed["scenario"]) == ["other", "trading_day", "trading_day"]
    assert set(listed["status"]) == {"complete"}
    assert len(p2p.runs(made[0].path)) == 0


def test_the_list_shows_in_which_fields_runs_of_a_scenario_differ(made):
    listed = p2p.runs(made[0].path.parents[1])
    assert list(listed.columns[8:]) == ["profiles.pv_share"]  # neither seed nor name
    assert list(listed["profiles.pv_share"]) == [0.5, 1.0, 0.5]


def test_a_run_is_found_by_what_people_call_it(made, monkeypatch):
    monkeypatch.chdir(made[0].path.parents[2])
    ids = [run.path.name for run in made]
    assert find_run("latest").name == ids[2]
    assert find_run("results/latest").name == ids[2]
    assert find_run("trading_day/latest").name == ids[1]
    assert find_run(ids[0][:9]).name == ids[0]
    assert find_run(f"results/trading_day/{ids[1][:9]}").name == ids[1]
    assert find_run("results/other").name == ids[2]
    assert find_run(made[1].path) == made[1].path
    assert p2p.latest().path.name == ids[2]


def test_what_names_none_or_several_is_told(made, monkeypatch):
    monkeypatch.chdir(made[0].path.parents[2])
    with pytest.raises(ResultsError, match="stands for 2 runs"):
        find_run("results/trading_day")
    with pytest.raises(ResultsError, match=r"no run 'zz'; the newest there is"):
        find_run("zz")
    monkeypatch.chdir(made[0].path)
    with pytest.raises(ResultsError, match="there is none in results"):
        find_run("latest")


def test_a_comparison_names_what_differs(made):
    found = p2p.compare(made[0], made[1])
    assert found.fields.loc["profiles.pv_share"].tolist() == [0.5, 1.0]
    assert list(found.fields.index) == ["profiles.pv_share"]
    a, b = made[0].summary(), made[1].summary()
    row = found.figures.loc["total_gas"]
    assert row["difference"] == b.total_gas - a.total_gas
    assert row["relative"] == pytest.approx((b.total_gas - a.total_gas) / a.total_gas)
    assert "orders" not in found.figures.index or a.orders != b.orders
    assert "no field differs" in str(p2p.compare(made[0], made[0]))
