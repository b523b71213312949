"""Whether an object can play its role: asked before a run, of objects, classes and names alike."""

from __future__ import annotations

import pytest

from p2p_cosim.compose.plugins import make_plugin
from p2p_cosim.core.errors import InputError
from p2p_cosim.seams import instance_of, require_role


class Nameless:
    def decide(self, view):
        return None


class Short:
    name = "short"

    def quote(self, view):
        return []

    def decide(self):
        return None


class Greedy:
    def quote(self, view, rng, *, extra):
        return []


class Bound:
    @classmethod
    def quote(cls, view, rng):
        return []


class Static:
    @staticmethod
    def quote(view, rng):
        return []


class Open:
    def quote(self, *args, extra=0):
        return []


@pytest.mark.parametrize("named", [True, False])
def test_a_class_without_a_name_is_told_like_its_object(named):
    make = make_plugin if named else instance_of
    with pytest.raises(InputError, match=r"Nameless has no name: write name = 'decide'"):
        make("controller", f"{__name__}:Nameless" if named else Nameless)


@pytest.mark.parametrize("plugin", [Short, Short()])
def test_a_method_that_takes_something_else_is_told_before_the_run(plugin):
    with pytest.raises(InputError, match=r"has quote\(.*view\), expected quote\(self, view, rng\)"):
        require_role("strategy", plugin)
    with pytest.raises(InputError, match=r"has decide\(.*\), expected decide\(self, view\)"):
        require_role("controller", plugin)


def test_what_has_to_be_given_and_will_not_be_is_told():
    with pytest.raises(InputError, match="missing a required"):
        require_role("strategy", Greedy())


@pytest.mark.parametrize("plugin", [Bound, Bound(), Static, Static(), Open, Open()])
def test_whatever_can_be_called_so_is_taken(plugin):
    require_role("strategy", plugin)
