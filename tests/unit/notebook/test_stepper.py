"""The widget's side of the stepper: messages in, traits out."""

import sys

import pytest

import p2p_cosim as p2p
from p2p_cosim import notebook
from p2p_cosim.core.errors import InputError


@pytest.fixture
def stepper():
    widget = notebook.Stepper(p2p.load("three_houses"))
    yield widget
    widget.driver.close()


def press(stepper, **message):
    stepper._handle_custom_msg(message, [])


def test_buttons_step_run_and_reset(stepper):
    press(stepper, do="step", ticks=1)
    assert stepper.state["tick"] == stepper.sim.tick == 1
    assert stepper.state["calls"][-1] == "sim.step()"
    press(stepper, do="step", ticks=10)
    assert stepper.state["done"]
    press(stepper, do="reset")
    assert stepper.state["tick"] == 0
    press(stepper, do="event")
    assert stepper.state["done"]  # nothing happens in that run
    assert (stepper.error, stepper.answered) == ("", 4)


def test_buttons_change_and_branch(stepper):
    press(stepper, do="step", ticks=1)
    press(stepper, do="change", field="control.margin_pu", value=0.01)
    assert (stepper.error, stepper.state["touched"]) == ("", 1)
    press(stepper, do="branch", field="control.controller", value="look_ahead")
    assert stepper.state["branch"]["tick"] == 1
    assert stepper.other.tick == 1
    press(stepper, do="change", field="control.margin_pu", value=0.02)
    assert "there is a branch" in stepper.error
    press(stepper, do="step", ticks=1)  # a refused change ends nothing
    assert (stepper.error, stepper.sim.tick) == ("", 2)
    press(stepper, do="reset")
    assert stepper.other is None
    assert (stepper.error, stepper.state["touched"]) == ("", 0)


@pytest.mark.parametrize(
    "message", [{}, {"do": "step"}, {"do": "step", "ticks": "1"}, {"do": "step", "ticks": 0}]
)
def test_a_message_that_is_none_is_told_and_changes_nothing(stepper, message):
    press(stepper, **message)
    assert stepper.error
    assert (stepper.sim.tick, stepper.answered) == (0, 1)


def test_the_error_of_a_plugin_is_shown_until_the_run_begins_again():
    class Broken:
        def quote(self, view, rng):
            raise KeyError("oops")

    scenario = p2p.load("three_houses").replace({"market.strategy": "zic", "traders": {}})
    stepper = notebook.Stepper(scenario, plugins=lambda: {"strategy": Broken()})
    press(stepper, do="step", ticks=1)
    assert "oops" in stepper.error
    press(stepper, do="step", ticks=1)
    assert "oops" in stepper.error
    press(stepper, do="reset")
    assert stepper.error == ""
    stepper.driver.close()


def test_every_page_that_is_shown_is_offline(stepper):
    page = stepper._esm + stepper._css
    assert "import " not in page
    assert [word for word in page.split() if "http" in word] == ['"http://www.w3.org/2000/svg";']


def test_without_anywidget_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "p2p_cosim.notebook.stepper", raising=False)
    with pytest.raises(InputError, match=r"pip install \"p2p-cosim\[notebook\]\""):
        _ = notebook.Stepper
