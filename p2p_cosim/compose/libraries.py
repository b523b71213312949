"""Python's garbage collector, and what never becomes garbage."""

from __future__ import annotations

import gc
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
