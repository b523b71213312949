import numpy as np
import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import InputError, ScenarioError
from p2p_cosim.sweeps import make_plan
from p2p_cosim.sweeps.axes import Axis


@pytest.fixture(scope="module")
def base():
    return p2p.load("scenarios/trading_day.yaml").replace({"houses.count": 3, "clock.ticks": 2})


def problems_of(*args, **kwargs):
    with pytest.raises(ScenarioError) as caught:
        make_plan(*args, **kwargs)
    return {problem.path: problem.message for problem in caught.value.problems}


def test_lists_and_ranges_are_axes_and_anything_else_is_a_constant(base):
    plan = make_plan(
        base,
        {
            "pv_share": [0.2, 0.8],
            "control.controller": "hold",
            "market.k": {"from": 0.0, "to": 0.3, "steps": 4},
            "houses.count": range(3, 5),
            "load_kwh_per_day": np.array([10.0, 20.0]),
        },
    )
    assert plan.axes == ("pv_share", "market.k", "houses.count", "load_kwh_per_day")
    assert len(plan.runs) == 2 * 4 * 2 * 2
    assert {run.scenario.control.controller for run in plan.runs} == {"hold"}
    assert [run.point["market.k"] for run in plan.runs[:16:4]] == [0.0, 0.1, 0.2, 0.3]
    assert plan.runs[-1].scenario.houses.count == 4
    assert [run.index for run in plan.runs] == list(range(32))


def test_every_arm_has_the_same_seeds(base):
    plan = make_plan(base, {"pv_share": [0.2, 0.8]}, seeds=3)
    by_arm = [[r.scenario.seed for r in plan.runs if r.arm == arm] for arm in (0, 1)]
    assert by_arm == [[1, 2, 3], [1, 2, 3]]
    assert make_plan(base, seeds=[7, 4]).seeds == (7, 4)
    assert plan.arms == 2
    assert repr(plan) == "Plan('trading_day', 6 runs: 2 arms of pv_share, 3 seeds)"


def test_points_are_run_as_they_are_and_crossed_with_axes(base):
    points = [{"pv_share": 0.2, "market.k": 0.0}, {"pv_share": 0.8, "market.k": 1.0}]
    plan = make_plan(base, {"controller": ["hold", "reactive"]}, points=points)
    assert plan.axes == ("pv_share", "market.k", "controller")
    assert [(r.point["market.k"], r.point["controller"]) for r in plan.runs] == [
        (0.0, "hold"),
        (0.0, "reactive"),
        (1.0, "hold"),
        (1.0, "reactive"),
    ]


def test_a_latin_hypercube_has_one_point_in_each_slice(base):
    axes = {"pv_share": {"from": 0.0, "to": 1.0}, "market.k": {"from": 0.0, "to": 0.5}}
    with pytest.raises(ScenarioError):  # k is in basis points
        make_plan(base, axes, design="latin_hypercube", samples=8)
    axes["load_kwh_per_day"] = {"from": 10.0, "to": 18.0}
    del axes["market.k"]
    plan = make_plan(base, axes, design="latin_hypercube", samples=8)
    for name, width in (("pv_share", 1 / 8), ("load_kwh_per_day", 1.0)):
        low = axes[name]["from"]
        slices = {int((run.point[name] - low) / width) for run in plan.runs}
        assert slices == set(range(8))
    assert [run.point for run in plan.runs] == [
        run.point for run in make_plan(base, axes, design="latin_hypercube", samples=8).runs
    ]


def test_a_sobol_design_is_that_of_saltelli(base):
    axes = {"pv_share": {"from": 0.0, "to": 1.0}, "controller": ["hold", "reactive"]}
    plan = make_plan(base, axes, design="sobol", samples=4)
    assert len(plan.runs) == 4 * (2 + 2)
    first, second = plan.runs[0].point, plan.runs[1].point
    assert first["controller"] == second["controller"]  # AB: one column is exchanged
    assert first["pv_share"] != second["pv_share"]


@pytest.mark.parametrize(("share", "value"), [(0.0, 2), (0.24, 2), (0.26, 3), (0.999, 5)])
def test_a_whole_range_holds_both_ends_equally_often(share, value):
    assert Axis("n", "n", (), 2, 5, whole=True).at(share) == value


def test_every_problem_is_told_at_once_with_the_nearest_name(base):
    found = problems_of(
        base,
        {
            "pv_shre": [0.1],
            "market.k": [],
            "seed": [1, 2],
            "load_kwh_per_day": {"from": 3, "to": 1},
            "forecast_error": {"from": 0.0, "to": 0.1},
            "controller": ["hold", "hold"],
            "control.controller": "hold",
            "pv_kw": {"from": "a", "too": 3},
        },
        seeds=0,
        samples=4,
    )
    assert found["pv_shre"].endswith("did you mean 'pv_share'?")
    assert found["market.k"] == "is an empty list: give at least one value"
    assert "give seeds: 5" in found["seed"]
    assert "lower end first" in found["load_kwh_per_day"]
    assert "add steps: 5" in found["forecast_error"]
    assert found["controller[1]"] == "'hold' stands there already"
    assert found["control.controller"] == "is 'controller' once more: remove one of them"
    assert found["pv_kw.from"] == "'a' is not a number"
    assert found["pv_kw.too"].endswith("did you mean 'to'?")
    assert "not a number from 1" in found["seeds"]
    assert "remove it" in found["samples"]


def test_what_only_some_arms_cannot_have_is_told_with_the_first_of_them(base):
    found = problems_of(base, {"pv_share": [0.5, 1.5, 2.5], "controller": ["hold", "hld"]})
    message = found["control.controller"]
    assert message.startswith("'hld' is not a controller")
    assert message.endswith("(arm 1 and 2 more: pv_share=0.5, controller='hld')")
    assert "1.5 exceeds the limit 1" in str(found) or "2.5 exceeds the limit 1" in str(found)


@pytest.mark.parametrize(
    ("kwargs", "path", "text"),
    [
        ({"design": "sobl", "samples": 4}, "design", "did you mean 'sobol'?"),
        ({"design": "sobol", "samples": 6}, "samples", "4, 8"),
        ({"design": "sobol"}, "samples", "not a whole number from 2"),
        ({"seeds": [1, 1]}, "seeds", "names a seed twice"),
        ({"seeds": [-1]}, "seeds", "list of seeds from 0"),
        ({"points": [{"pv_kw": 1}, {"market.k": 1}]}, "points[1]", "same fields"),
        ({"points": [{"profiles.pv_share": 1}]}, "points: profiles.pv_share", "remove one"),
    ],
)
def test_wrong_designs_are_refused(base, kwargs, path, text):
    assert text in problems_of(base, {"pv_share": [0.1, 0.2]}, **kwargs)[path]


def test_no_scenario_is_refused_and_so_are_too_many_runs(base):
    with pytest.raises(InputError, match=r"load\(\.\.\.\)"):
        make_plan("trading_day")
    assert "exceed the limit of 100000" in problems_of(base, seeds=[0], points=[{}] * 100_001)[""]
