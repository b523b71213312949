import pytest

from p2p_cosim.compose import Plugins
from p2p_cosim.compose.plugins import make_plugin
from p2p_cosim.control import Hold
from p2p_cosim.core.errors import InputError
from p2p_cosim.strategies import Truthful


def test_a_class_is_made_by_its_name():
    assert isinstance(make_plugin("strategy", "p2p_cosim.strategies:Truthful"), Truthful)


@pytest.mark.parametrize(
    "name",
    ["no_such_module:Thing", "p2p_cosim.strategies:Nothing", "p2p_cosim.strategies:FixedPrice"],
)
def test_a_class_that_cannot_be_made_is_wrong_input(name):
    with pytest.raises(InputError, match=f"strategy '{name}' cannot be (imported|made)"):
        make_plugin("strategy", name)


def test_what_was_given_is_told_by_role():
    hold = Hold()
    assert Plugins().given() == {}
    assert Plugins(controller=hold).given() == {"controller": hold}
