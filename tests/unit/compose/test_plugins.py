import importlib
import sys

import pytest

from p2p_cosim.compose import Plugins
from p2p_cosim.compose.plugins import identity, make_plugin
from p2p_cosim.control import Hold, Reactive, VoltageBand
from p2p_cosim.core.errors import InputError
from p2p_cosim.strategies import FixedPrice, Truthful

HERE = "p2p_cosim.strategies"


def test_a_class_is_made_by_its_name():
    assert isinstance(make_plugin("strategy", "p2p_cosim.strategies:Truthful"), Truthful)


@pytest.mark.parametrize(
    "name",
    ["no_such_module:Thing", "p2p_cosim.strategies:Nothing", "p2p_cosim.strategies:FixedPrice"],
)
def test_a_class_that_cannot_be_made_is_wrong_input(name):
    with pytest.raises(InputError, match=f"strategy '{name}' cannot be made"):
        make_plugin("strategy", name)


def test_runs_without_plugins_have_no_extra_identity():
    assert identity(Plugins(), ["zic", "hold"]) == ""


def test_identity_tells_classes_values_and_roles_apart():
    narrow = Reactive(VoltageBand(v_max_pu=1.04))
    texts = {
        identity(Plugins(strategy=Truthful()), []),
        identity(Plugins(strategy=FixedPrice(1, 2)), []),
        identity(Plugins(strategy=FixedPrice(1, 3)), []),
        identity(Plugins(controller=Hold()), []),
        identity(Plugins(controller=Reactive()), []),
        identity(Plugins(controller=narrow), []),
        identity(Plugins(), ["p2p_cosim.strategies:Truthful"]),
    }
    assert len(texts) == 7


def test_identity_changes_with_the_source_of_a_named_class(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    seen = set()
    for body in ("pass", "name = 1"):
        (tmp_path / "mine_to_edit.py").write_text(f"class Mine:\n    {body}  #\n" + "#" * len(body))
        importlib.invalidate_caches()
        sys.modules.pop("mine_to_edit", None)
        seen.add(identity(Plugins(), ["mine_to_edit:Mine"]))
    assert len(seen) == 2


def test_identity_holds_no_address():
    class Holder:
        def __init__(self):
            self.inner = object()

        def decide(self, view):
            return ()

    first, second = (identity(Plugins(controller=Holder()), []) for _ in range(2))
    assert first == second
