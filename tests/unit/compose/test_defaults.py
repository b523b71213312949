"""A class that is made without arguments does what the scenario that names it does."""

import dataclasses
import inspect

import pytest

import p2p_cosim as p2p
from p2p_cosim.compose import Plugins
from p2p_cosim.compose.control import controller_of
from p2p_cosim.control import Limited, LookAhead, Reactive, VoltageBand
from p2p_cosim.detection.outage_threshold import OutageThreshold
from p2p_cosim.notify import AlertDesk

SCENARIO = p2p.Scenario.model_validate({"name": "plain"})


def defaults(cls):
    given = inspect.signature(cls).parameters.values()
    return {p.name: p.default for p in given if p.default is not inspect.Parameter.empty}


@pytest.mark.parametrize(
    ("cls", "section"),
    [
        (VoltageBand, SCENARIO.control),
        (LookAhead, SCENARIO.control),
        (Limited, SCENARIO.control),
        (OutageThreshold, SCENARIO.faults),
        (AlertDesk, SCENARIO.notify),
    ],
)
def test_class_and_schema_agree(cls, section):
    own, fields = defaults(cls), section.model_dump()
    shared = own.keys() & fields.keys()
    assert shared
    assert {name: own[name] for name in shared} == {name: fields[name] for name in shared}


@pytest.mark.parametrize(("name", "cls"), [("look_ahead", LookAhead), ("reactive", Reactive)])
def test_a_named_controller_and_a_passed_one_are_the_same(name, cls):
    named = controller_of(SCENARIO.replace(controller=name), Plugins())
    passed = controller_of(SCENARIO, Plugins(controller=cls()))

    def settings(limited):
        inner = vars(limited)["_controller"]
        plain = {k: v for k, v in vars(inner).items() if not k.startswith("_")}
        return type(inner), plain, {k: v for k, v in vars(limited).items() if k != "_controller"}

    assert settings(named) == settings(passed)
    assert dataclasses.is_dataclass(vars(named)["_controller"].band)


class Restless:
    """Wants another tap every tick."""

    name = "restless"

    def decide(self, view):
        tap = view.taps["reg_b"] + (1 if view.tick % 2 else -1)
        return p2p.Decision([p2p.TapMove("reg_b", tap, "restless")])


def test_a_passed_controller_keeps_the_scenarios_limits(tmp_path):
    base = p2p.load("three_houses")
    free = p2p.run(base, out=tmp_path, controller=Restless())
    held = p2p.run(base.replace(max_moves_per_day=1), out=tmp_path, controller=Restless())
    late = p2p.run(base.replace({"control.delay_ticks": 2}), out=tmp_path, controller=Restless())
    moves = [run.taps.query("tick >= 0")["tick"].tolist() for run in (free, held, late)]
    assert moves[0] == [0, 1, 2, 3]
    assert moves[1] == [0]
    assert moves[2] == [2]
