import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from p2p_cosim.core.often import made_often


@dataclass(frozen=True, slots=True)
class Plain:
    a: int
    b: str = "b"
    c: tuple[int, ...] = ()


@made_often
@dataclass(frozen=True, slots=True)
class Often:
    a: int
    b: str = "b"
    c: tuple[int, ...] = ()


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((1,), {}), ((1, "x", (2,)), {}), ((), {"c": (3,), "a": 1}), ((1,), {"b": "y"})],
)
def test_it_is_made_as_the_plain_one(args, kwargs):
    often, plain = Often(*args, **kwargs), Plain(*args, **kwargs)
    assert (often.a, often.b, often.c) == (plain.a, plain.b, plain.c)
    assert inspect.signature(Often) == inspect.signature(Plain)


@pytest.mark.parametrize(
    ("args", "kwargs"), [((), {}), ((1, "b", (), 4), {}), ((1,), {"d": 4}), ((1,), {"a": 1})]
)
def test_what_the_plain_one_refuses_is_refused(args, kwargs):
    with pytest.raises(TypeError, match="__init__"):
        Plain(*args, **kwargs)
    with pytest.raises(TypeError, match="__init__"):
        Often(*args, **kwargs)


def test_it_stays_frozen_and_a_value():
    often = Often(1, "x")
    with pytest.raises(FrozenInstanceError):
        often.a = 2
    assert replace(often, a=2) == Often(2, "x") != often
    assert pickle.loads(pickle.dumps(often)) == copy.copy(often) == often  # noqa: S301 (ours)
    assert hash(often) == hash(Often(1, "x"))


def test_what_it_cannot_make_is_refused():
    @dataclass(frozen=True, slots=True)
    class Filled:
        a: list[int] = field(default_factory=list)

    @dataclass(frozen=True, slots=True)
    class Hidden:
        a: int = field(default=1, init=False)

    @dataclass(frozen=True, slots=True)
    class Checked:
        a: int

        def __post_init__(self):
            assert self.a

    for record in (Filled, Hidden, Checked):
        with pytest.raises(TypeError, match=record.__name__):
            made_often(record)
