"""Calls that look natural and are wrong end in one sentence that says what to write."""

import copy
import pickle

import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import InputError, PluginError
from p2p_cosim.core.types import Order, Side


@pytest.fixture(scope="module")
def base():
    return p2p.Scenario.model_validate({"name": "small", "clock": {"ticks": 2}})


class Strategy:
    def quote(self, view, rng):
        return []


class NoName:
    def decide(self, view):
        return p2p.Decision()


class Misspelt:
    name = "misspelt"

    def inspects(self, meters):
        return []


@pytest.mark.parametrize("call", [p2p.run, p2p.Simulation])
@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("scenarios/x.yaml", r"is the name of a file.*p2p_cosim\.load\('scenarios/x\.yaml'\)"),
        ({"name": "x"}, r"a mapping is no Scenario.*model_validate\(mapping\)"),
        (None, "builtins:NoneType is no Scenario: give what p2p_cosim.load"),
    ],
)
def test_what_is_no_scenario(call, given, told):
    with pytest.raises(InputError, match=told):
        call(given)


@pytest.mark.parametrize("call", [p2p.run, p2p.Simulation])
def test_fields_are_changed_in_the_scenario(call, base):
    told = r"pv_share=0\.4: no argument of a run.*scenario\.replace\(pv_share=0\.4\)"
    with pytest.raises(TypeError, match=told):
        call(base, pv_share=0.4)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"strategy": "truthful"},
            r"strategy='truthful' is text.*scenario\.replace\(strategy='truthful'\)",
        ),
        ({"controller": "hold"}, r"expected an object with decide\(self, view\)"),
        ({"controller": NoName()}, "NoName has no name: write name = "),
        ({"controller": Strategy()}, r"Strategy has no method decide\(self, view\)"),
        (
            {"detector": Misspelt()},
            r"Misspelt has no method inspect\(self, meters\); did you mean its 'inspects'\?",
        ),
    ],
)
def test_what_cannot_play_its_role(given, told, base, tmp_path):
    with pytest.raises(InputError, match=told):
        p2p.run(base, out=tmp_path, **given)
    assert not list(tmp_path.iterdir())


def test_a_scenario_is_loaded_from_a_file():
    with pytest.raises(InputError, match=r"not a dict: .*Scenario\.model_validate\(mapping\)"):
        p2p.load({"name": "x"})


def test_a_field_is_told_where_it_is(base):
    assert base.profiles.pv_share == 0.5
    with pytest.raises(AttributeError, match=r"'pv_share': it is scenario\.profiles\.pv_share$"):
        _ = base.pv_share
    with pytest.raises(AttributeError, match=r"no attribute 'pv_shar'$"):
        _ = base.pv_shar
    assert pickle.loads(pickle.dumps(base)) == copy.deepcopy(base) == base  # noqa: S301


def test_a_scenario_is_changed_by_replace(base):
    told = r"does not change: scenario\.replace\(pv_share=0\.8\) gives another one"
    with pytest.raises(AttributeError, match=told):
        base.profiles.pv_share = 0.8


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("seed", r"^a scenario does not change: scenario\.replace\(seed=3\) gives another one$"),
        ("sedd", r"no field 'sedd'; did you mean 'seed'\?; a scenario .*replace\(seed=3\)"),
        ("pv_share", r"^a scenario does not change: scenario\.replace\(pv_share=3\)"),
        ("pv_shar", r"no field 'pv_shar'; did you mean 'pv_share'\?; .*replace\(pv_share=3\)"),
        ("weather_station", r"no field 'weather_station'; a scenario .*replace\(field=3\)"),
    ],
)
def test_an_assignment_names_the_field_that_was_meant(name, told, base):
    with pytest.raises(AttributeError, match=told):
        setattr(base, name, 3)


FIGURES = ("voltage_band", "taps", "price_and_volume", "feeder_map", "overview", "save_all")


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_of_results(name, base):
    figure = getattr(p2p.plots, name)
    with pytest.raises(InputError, match=f"{name} draws Results, not a Scenario: give what"):
        figure(base)
    with pytest.raises(InputError, match=f"{name} draws Results, not a Simulation: {name}"):
        figure(p2p.Simulation.__new__(p2p.Simulation))


@pytest.mark.parametrize("name", ["overvoltage", "controller_comparison"])
def test_a_comparison_is_drawn_of_runs_by_label(name):
    with pytest.raises(InputError, match=rf"{name} compares runs by label.*{name}\(\{{'reactive'"):
        getattr(p2p.plots, name)(object())
    with pytest.raises(InputError, match="not an empty mapping"):
        getattr(p2p.plots, name)({})


class Quiet:
    """Moves nothing and reports nothing."""

    name = "quiet"

    def decide(self, view):
        return p2p.Decision()

    def inspect(self, meters):
        return []


class Told(Quiet):
    def __init__(self, level):
        self.level = level


def test_a_class_stands_for_the_object_that_it_makes(base):
    model = p2p.Simulation(base, out=None, controller=Quiet, detector=Quiet).model
    assert isinstance(model.fault_agent.detector, Quiet)
    model.step()


@pytest.mark.parametrize("role", ["controller", "detector"])
def test_a_class_with_arguments_is_made_first(role, base):
    told = (
        rf"{role} {__name__}:Told cannot be made: .*'level'; pass an object, {role}=Told\(\.\.\.\)"
    )
    with pytest.raises(InputError, match=told):
        p2p.Simulation(base, out=None, **{role: Told})


class Orders:
    """Every trader orders 100 Wh at a price, as `make` writes it."""

    def __init__(self, make):
        self.make = make

    def quote(self, view, rng):
        side = Side.BID if view.forecast_wh > 0 else Side.ASK
        return self.make(view, side, rng) if view.tick == 1 or view.trader != "house_2" else []


WRONG = {
    "trader": lambda view, side, rng: [Order("house_1", side, 100, 5)],
    "nothing": lambda view, side, rng: None,
    "euro": lambda view, side, rng: [Order(view.trader, side, 100, 0.2)],
    "text": lambda view, side, rng: [Order(view.trader, "ask", 100, 5)],
    "tuple": lambda view, side, rng: [(view.trader, side, 100, 5)],
}
HOUSES = {"name": "small", "houses": {"count": 3, "sites": ["652.A"]}, "clock": {"ticks": 3}}


@pytest.mark.parametrize("submission", ["individual", "batched", "signed"])
def test_a_wrong_order_is_the_same_error_however_orders_are_submitted(submission, tmp_path):
    scenario = p2p.Scenario.model_validate(HOUSES | {"market": {"submission": submission}})
    for field, wrong in WRONG.items():

        def of_house_2(view, side, rng, wrong=wrong):
            return wrong(view, side, rng) if view.trader == "house_2" else []

        with pytest.raises(PluginError) as caught:
            p2p.run(scenario, out=tmp_path, strategy=Orders(of_house_2))
        told = str(caught.value)
        assert told.startswith(f"strategy {__name__}:Orders of house_2, tick 1: orders"), field
        assert "expected" in told


def test_numpy_numbers_give_the_run_that_plain_ones_give(tmp_path):
    def plain(view, side, rng):
        return [Order(view.trader, side, abs(view.forecast_wh), int(rng.integers(1, 10**9)))]

    def numpy(view, side, rng):
        return [Order(view.trader, side, abs(view.forecast_wh), rng.integers(1, 10**9))]

    for submission in ("individual", "signed"):
        scenario = p2p.Scenario.model_validate(HOUSES | {"market": {"submission": submission}})
        first, second = (
            p2p.run(scenario, out=tmp_path / make.__name__, strategy=Orders(make))
            for make in (plain, numpy)
        )
        assert len(first.orders)
        assert first.orders.equals(second.orders)
