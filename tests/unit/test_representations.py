"""What a cell of a notebook ends with is a line that says what it is, and no address."""

import importlib
import inspect
from types import ModuleType

import numpy as np
import pytest

import p2p_cosim as p2p
from p2p_cosim.core.brief import Brief, in_short
from p2p_cosim.core.types import Side

LONGEST = 1000  # a summary has all of its figures
ROOMS = ("agents", "chain", "control", "detection", "forecasts", "houses", "market", "metering")
ROOMS += ("notebook", "notify", "record", "scenario", "strategies", "sweeps", "testing")


def reached(roots, depth=6):
    """Everything of this package that lies under public attributes, with the way to it."""
    seen, todo, kept = set(), [(name, thing, 0) for name, thing in roots.items()], []
    while todo:
        path, thing, deep = todo.pop(0)
        if isinstance(thing, (str, int, float, type, ModuleType)) or id(thing) in seen:
            continue
        seen.add(id(thing))
        kept.append(thing)
        if isinstance(thing, dict):
            todo += [(f"{path}[{key!r}]", value, deep) for key, value in [*thing.items()][:2]]
        elif isinstance(thing, (list, tuple)):
            todo += [(f"{path}[{i}]", value, deep) for i, value in enumerate(thing[:2])]
        elif type(thing).__module__.startswith("p2p_cosim"):
            yield path, thing
            names = [name for name in dir(thing) if not name.startswith(("_", "model_"))]
            for name in names if deep < depth else ():
                try:
                    value = getattr(thing, name)
                except Exception:  # noqa: S112 (a property that has nothing to give yet)
                    continue
                if not inspect.isroutine(value):
                    todo.append((f"{path}.{name}", value, deep + 1))


def test_everything_below_a_simulation_is_told_in_a_line():
    with p2p.Simulation(p2p.load("outage"), out=None) as sim:
        for _ in range(6):
            sim.step()
        roots = {"sim": sim, "run": sim.so_far, "summary": sim.so_far.summary()}
        told = {path: repr(thing) for path, thing in reached(roots | {"scenario": sim.scenario})}
    assert {"sim.model", "sim.model.delivery", "sim.chain.pool", "run.clock"} <= set(told)
    wrong = {
        path: text[:90]
        for path, text in told.items()
        if " object at 0x" in text or len(text) > LONGEST
    }
    assert wrong == {}


def public_classes():
    for home in ("p2p_cosim", *(f"p2p_cosim.{room}" for room in ROOMS)):
        module = importlib.import_module(home)
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            protocol = getattr(thing, "_is_protocol", False)
            if inspect.isclass(thing) and thing.__module__.startswith("p2p_cosim") and not protocol:
                yield pytest.param(thing, id=f"{home}.{name}")


@pytest.mark.parametrize("thing", list(public_classes()))
def test_no_public_class_prints_its_address(thing):
    assert thing.__repr__ is not object.__repr__


class Thing(Brief):
    def __init__(self):
        self.name = "n" * 100
        self.load_kw = np.zeros((2, 3))
        self.side, self.share, self.parts, self.other = Side.BID, 0.25, [1, 2], object()
        self._hidden = 1


def test_a_brief_line_has_sizes_in_place_of_contents():
    assert repr(Thing()) == (
        f"Thing(name='{'n' * 40}...', load_kw=array(2, 3), side=bid, share=0.25, "
        "parts=2 items, other=object)"
    )
    assert in_short(None) == "None"
    assert in_short(True) == "True"


def test_a_section_of_a_scenario_shows_long_lists_by_their_length():
    trader = p2p.load("three_houses").traders["house_1"]
    assert "load_kw=(3.0, 4.0, 2.0, 1.0)" in repr(trader)
    long = trader.model_copy(update={"load_kw": [0.25] * 96})
    assert "load_kw=96 items" in repr(long)
