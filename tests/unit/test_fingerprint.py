"""Different plug-ins never look the same, and the same ones always do."""

import io
import subprocess
import sys
import textwrap
import threading
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
import pytest

from p2p_cosim.fingerprint import NoContentError, fingerprint
from p2p_cosim.strategies import FixedPrice, Truthful


class Config:
    def __init__(self, k):
        self.k = k


class Holder:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)

    def quote(self, view, rng):
        return []


class Slotted:
    __slots__ = ("w",)

    def __init__(self, w):
        self.w = w


@dataclass(frozen=True)
class Values:
    names: tuple = ()
    shares: dict = field(default_factory=dict)


def array(change=None):
    values = np.zeros(5000)
    if change is not None:
        values[change] = 1e9
    return values


def itself(k):
    holder = Holder(k=k)
    holder.me = [holder]
    return holder


PAIRS = {
    "an object inside": lambda k: Holder(config=Config(k)),
    "an array's middle": lambda k: Holder(w=array(2500 + k)),
    "an array's shape": lambda k: Holder(w=np.zeros((2, 6) if k else (3, 4))),
    "an array's type": lambda k: Holder(w=np.zeros(3, np.int64 if k else np.int32)),
    "an array of objects": lambda k: Holder(w=np.array([Config(k), None])),
    "a slot": lambda k: Slotted(array(k)),
    "a frozen dataclass": lambda k: Values(("a",), {"b": [k]}),
    "text and number": lambda k: Holder(k="1" if k else 1),
    "true and one": lambda k: Holder(k=True if k else 1),
    "how a list is cut": lambda k: Holder(k=[[1], [2]] if k else [[1, 2], []]),
    "a set": lambda k: Holder(k={"a", "b", str(k)}),
    "a lambda": lambda k: Holder(f=(lambda x: x + 1) if k else (lambda x: x + 2)),
    "a partial": lambda k: Holder(f=partial(max, k)),
    "a bound method": lambda k: Holder(f=Config(k).__init__),
    "a generator's state": lambda k: Holder(rng=np.random.default_rng(k)),
    "a table": lambda k: Holder(frame=pd.DataFrame({"a": [1.0, k], "b": ["x", "y"]})),
    "itself": itself,
    "of the package": lambda k: FixedPrice(1, k),
    "a class for an object": lambda k: Truthful if k else Truthful(),
}


@pytest.mark.parametrize("make", PAIRS.values(), ids=PAIRS)
def test_content_is_told_apart_and_nothing_else(make):
    first, again, other = (fingerprint(make(k), "it") for k in (0, 0, 1))
    assert first == again
    assert first != other


def redefined(price, constant=5, captured=7):
    """What running a cell again makes: the same names, other code, and no file behind it."""
    cell = f"""
    LIMIT = {constant}

    def helper():
        return LIMIT

    def outer(k):
        class Mine:
            shade = 3

            def quote(self, view, rng):
                return [{price} + k + helper() for _ in range(2)]

        return Mine

    Mine = outer({captured})
    """
    names = {"__name__": "__main__"}
    exec(compile(textwrap.dedent(cell), "<cell>", "exec"), names)  # noqa: S102
    return names["Mine"]


def test_a_class_edited_in_a_notebook_is_another():
    """Its code, a constant beside it that it uses through a function, and what it has captured."""
    found = {
        fingerprint(redefined(*given)(), "it")
        for given in ((6, 5, 7), (9, 5, 7), (6, 4, 7), (6, 5, 8))
    }
    assert len(found) == 4
    assert fingerprint(redefined(6)(), "it") == fingerprint(redefined(6)(), "it")


def test_an_attribute_of_the_class_counts():
    first, second = redefined(6), redefined(6)
    second.shade = 4
    assert fingerprint(first(), "it") != fingerprint(second(), "it")


def test_a_base_class_counts():
    def below(base):
        return type("Below", (base,), {})

    assert fingerprint(below(redefined(6))(), "it") != fingerprint(below(redefined(9))(), "it")


SCRIPT = """
import numpy as np
from p2p_cosim.fingerprint import fingerprint
class S:
    kinds = frozenset({"bid", "ask", "none"})
    def __init__(self): self.w, self.names = np.arange(9.0), {"a", "b", "c"}
    def quote(self, view, rng): return view in {"x", "y", "z"}
print(fingerprint(S(), "it"))
"""


def test_it_is_the_same_in_every_process():
    found = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


@pytest.mark.parametrize(
    ("attribute", "kind"),
    [
        (threading.Lock(), "_thread.lock"),
        ((x for x in ()), "generator"),
        (io.TextIOWrapper(io.BytesIO()), "TextIOWrapper"),
    ],
)
def test_what_has_no_content_is_refused_with_the_way_to_it_and_out_of_it(attribute, kind):
    with pytest.raises(NoContentError, match=rf"strategy Mine.*inner.*{kind}") as caught:
        fingerprint(Holder(inner=Holder(x=[attribute])), "strategy Mine")
    assert "give that a method fingerprint()" in str(caught.value)


class Told:
    lock = threading.Lock()

    def __init__(self, k):
        self.k, self.inner = k, threading.Lock()

    def fingerprint(self):
        return f"told {self.k}"


class ToldOtherwise(Told):
    def quote(self, view, rng):
        return []


def test_an_object_can_tell_what_it_is():
    found = [fingerprint(each, "it") for each in (Told(1), Told(1), Told(2), ToldOtherwise(1))]
    assert found[0] == found[1]
    assert len(set(found)) == 3
    with pytest.raises(NoContentError, match=r"fingerprint\(\) returned int"):
        fingerprint(type("Bad", (), {"fingerprint": lambda self: 1})(), "it")


def test_get_state_is_honoured():
    class Cached(Holder):
        def __getstate__(self):
            return {"k": self.k}

    assert fingerprint(Cached(k=1, lock=threading.Lock()), "it") == fingerprint(Cached(k=1), "it")
