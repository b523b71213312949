"""Names that one would try, and folders that one would give, are answered with the right one."""

import copy
import pickle

import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import InputError, ResultsError, ScenarioError
from p2p_cosim.core.naming import NearNames
from p2p_cosim.sweeps import load_sweep


@pytest.fixture(scope="module")
def sim():
    small = {"name": "small", "houses": {"count": 3, "sites": ["652.A"]}, "clock": {"ticks": 2}}
    with p2p.Simulation(p2p.Scenario.model_validate(small), out=None) as sim:
        sim.step()
        yield sim


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("voltage", r"no attribute 'voltage' in a Results; did you mean 'voltages'\?"),
        ("prices", r"in a Results; prices are in \.market"),
        ("plot", r"in a Results; figures are drawn by p2p_cosim\.plots"),
        ("zzz", r"no attribute 'zzz' in a Results$"),
    ],
)
def test_what_results_do_not_have(name, told, sim):
    with pytest.raises(AttributeError, match=told):
        getattr(sim.so_far, name)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("trades", r"in a Simulation; it is in the results: sim\.so_far\.trades"),
        ("summary", r"sim\.so_far\.summary"),
        ("run", r"while not sim\.done: sim\.step\(\), or p2p_cosim\.run\(scenario\)"),
        ("resuls", r"in a Simulation; did you mean 'results'\?"),
    ],
)
def test_what_a_simulation_does_not_have(name, told, sim):
    with pytest.raises(AttributeError, match=told):
        getattr(sim, name)


def test_a_table_is_no_key(sim):
    with pytest.raises(TypeError, match=r"\['trades'\]: write \.trades$"):
        sim.so_far["trades"]
    with pytest.raises(TypeError, match=r"no such key in a Results; did you mean 'trades'\?"):
        sim.so_far["trade"]
    with pytest.raises(TypeError, match="not iterable"):
        list(sim.so_far)


def test_results_are_copied_and_pickled_all_the_same(sim):
    run = sim.so_far
    assert repr(copy.deepcopy(run)) == repr(pickle.loads(pickle.dumps(run))) == repr(run)  # noqa: S301
    assert not hasattr(run, "_ipython_display_")


class Own(NearNames):
    @property
    def broken(self):
        return None.no_such_thing


def test_a_property_that_fails_says_why_itself():
    with pytest.raises(AttributeError, match="'NoneType' object has no attribute 'no_such_thing'"):
        _ = Own().broken


@pytest.mark.parametrize(
    ("name", "near"), [("plot", "plots"), ("Scenaro", "Scenario"), ("simulate", "Simulation")]
)
def test_the_package_names_what_is_near(name, near):
    with pytest.raises(AttributeError, match=f"has no attribute '{name}'; did you mean '{near}'"):
        getattr(p2p, name)


def test_folders_of_runs_are_told_apart(sim, tmp_path):
    path = p2p.run(sim.scenario, out=tmp_path).path
    with pytest.raises(ResultsError, match=rf"it holds 1 run, {path}: give one; .*latest\("):
        p2p.Results.load(tmp_path)
    with pytest.raises(ScenarioError, match=r"is the folder of a run: p2p_cosim\.Results\.load\("):
        p2p.load(path)
    with pytest.raises(ScenarioError, match=r"is a folder: name a \.yaml file in it$"):
        p2p.load(tmp_path)
    (tmp_path / "mine.yaml").touch()
    with pytest.raises(ScenarioError, match=r"name a \.yaml file in it, 'mine\.yaml'"):
        p2p.load(tmp_path)
    with pytest.raises(InputError, match=r"out=3 names no folder: .* out='results'"):
        p2p.run(sim.scenario, out=3)


def test_an_example_has_a_bare_name(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("trading_day.yml", "scenarios/trading_day.yaml"):
        with pytest.raises(ScenarioError, match="the example of that name is 'trading_day'"):
            p2p.load(name)


def test_files_of_scenarios_and_of_sweeps_are_told_apart(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("name: mine\nclock: {ticks: 2}\n")
    (tmp_path / "many.yaml").write_text("base: mine.yaml\nfields: {pv_share: [0.2, 0.5]}\n")
    with pytest.raises(ScenarioError, match=r"is the file of a sweep: p2p-cosim sweep many\.yaml"):
        p2p.load("many.yaml")
    with pytest.raises(ScenarioError, match=r"is the file of a scenario: p2p-cosim run mine\.yaml"):
        load_sweep("mine.yaml")
    with pytest.raises(ScenarioError, match="is run by p2p-cosim run three_houses"):
        load_sweep("three_houses")


def test_a_run_is_changed_by_fields_and_devices_are_given_by_house(sim):
    with pytest.raises(InputError, match=r"takes fields with their values, not a str: .*replace\("):
        sim.scenario.replace("pv_share")
    with pytest.raises(InputError, match=r"devices are given by house, not in a list"):
        p2p.run(sim.scenario, devices=[1])


def test_a_sweep_refuses_what_it_does_not_know_before_it_runs(sim, tmp_path):
    with pytest.raises(TypeError, match=r"over=.*no argument of a sweep; fields are given"):
        p2p.sweep(sim.scenario, over={"pv_share": [0.1]}, out=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_comparison_of_figures_takes_runs_alone(sim):
    with pytest.raises(InputError, match="overvoltage draws Results, not a Scenario"):
        p2p.plots.overvoltage({"a": sim.scenario})
