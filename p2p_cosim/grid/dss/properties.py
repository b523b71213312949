"""Which property a word of a statement sets, by the engine's own rules: a name may be cut short,
and a value without one goes to the property after the last."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from threading import Lock

from p2p_cosim.core.errors import GridError
from p2p_cosim.grid.dss.words import Word
from p2p_cosim.grid.engine import Engine

_one_at_a_time = Lock()


def properties_of(kind: str, found: Sequence[Word]) -> list[str]:
    """Of each word the property in lower case; a name that the class does not have as it is, and ""
    beyond the last property. kind: class of the element."""
    names, last, told = _names(kind), -1, list[str]()
    for word in found:
        given = _written_out(word.name, names) if word.name else ""
        last = names.index(given) if given in names else last + 1
        told.append(given or (names[last] if last < len(names) else ""))
    return told


def _written_out(name: str, names: tuple[str, ...]) -> str:
    return name if name in names else next((n for n in names if n.startswith(name)), name)


@cache
def _names(kind: str) -> tuple[str, ...]:
    """Properties of a class, in the engine's order; the circuit's are those of its source."""
    kind = "vsource" if kind == "circuit" else kind
    with _one_at_a_time:
        engine = _engine()
        with suppress(GridError):  # of a control that acts on nothing; its class is known anyway
            engine.run([f"new {kind}.none"])
        engine.api.Circuit.SetActiveClass(kind)
        return tuple(str(name).lower() for name in engine.api.Element.AllPropertyNames())


@cache
def _engine() -> Engine:
    """One that is asked and solves nothing."""
    engine = Engine()
    engine.run(["clear", "new circuit.none"])
    return engine
