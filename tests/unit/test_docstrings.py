"""Everything public says what it is, and every number in it has a unit or is explained.

A number is explained by the unit at the end of its name, or by its name in the docstring of what it
belongs to. Counts, ticks and seeds are called so.
"""

import dataclasses
import inspect
import re

import pytest

import p2p_cosim as p2p
from p2p_cosim import plots, testing
from p2p_cosim.core import protocols, types

UNITS = {
    *("kw", "kvar", "kva", "w", "wh", "kwh", "pu", "v", "deg", "c", "k", "ohm"),
    *(
        "a",
        "wei",
        "eur",
        "gwei",
        "gas",
        "ether",
        "s",
        "seconds",
        "min",
        "h",
        "day",
        "m",
        "share",
        "factor",
    ),
}
COUNTS = {"tick", "ticks", "seed", "seeds", "count", "day", "number", "position", "nonce", "index"}
NUMBER = re.compile(r"\b(int|float|FloatArray|IntArray|ndarray|timedelta)\b")


CALLS = re.compile(r"Callable\[.*\]")  # the numbers of a function that is given are its own


def public():
    """Every public function, and every class with its public methods, by name."""
    homes = [(p2p, p2p.__all__), (plots, plots.__all__), (testing, testing.__all__)]
    homes += [(types, types.__all__), (protocols, protocols.__all__)]
    seen = set()
    for home, names in homes:
        for name in names:
            thing = getattr(home, name)
            if not (inspect.isfunction(thing) or inspect.isclass(thing)):
                continue
            if not thing.__module__.startswith("p2p_cosim") or thing in seen:
                continue
            seen.add(thing)
            yield f"{home.__name__}.{name}", thing, ""
            if inspect.isclass(thing):
                for method, value in vars(thing).items():
                    function = getattr(value, "__func__", value)
                    function = value.fget if isinstance(value, property) else function
                    if inspect.isfunction(function) and not method.startswith("_"):
                        yield f"{home.__name__}.{name}.{method}", function, thing.__doc__ or ""


PUBLIC = {name: (thing, around) for name, thing, around in public()}


def numbers(thing):
    """Names of parameters or fields that are numbers."""
    if inspect.isclass(thing):
        if not dataclasses.is_dataclass(thing):
            return []
        told = {f.name: f.type for f in dataclasses.fields(thing)}
    else:
        told = {
            name: parameter.annotation
            for name, parameter in inspect.signature(thing).parameters.items()
        }
    return [name for name, kind in told.items() if NUMBER.search(CALLS.sub("", str(kind)))]


def has_unit(name):
    *_, last = name.split("_")
    return last in UNITS | COUNTS or "_per_" in name or name in COUNTS


@pytest.mark.parametrize("name", PUBLIC)
def test_it_has_a_docstring_and_its_numbers_have_units(name):
    thing, around = PUBLIC[name]
    assert inspect.getdoc(thing), f"{name} has no docstring"
    text = f"{thing.__doc__ or ''} {around}"
    unexplained = [
        n for n in numbers(thing) if not has_unit(n) and not re.search(rf"\b{n}\b", text)
    ]
    assert unexplained == []
