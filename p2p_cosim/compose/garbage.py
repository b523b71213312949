"""Python's garbage collector: what never becomes garbage, and when it is looked for."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@cache
def keep_libraries() -> None:
    """Take everything that is there by now out of the garbage collector's rounds; once a process.

    Imported libraries are some hundred thousand objects that live as long as the process. A full
    round looks at all of them, which takes longer than ten ticks of 30 houses, and a simulated day
    has one or two. What a run makes comes later and is collected as ever.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def collected_afterwards() -> Iterator[None]:
    """Let the collector's next round wait until the block is over.

    A tick makes thousands of records, and a round among every 700 new ones looks at many that go
    by themselves before the tick is over: a tenth of a day of 30 houses. What refers to itself
    stays until the tick ends. A collector that is off when the block begins stays off.
    """
    was_on = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if was_on:
            gc.enable()
