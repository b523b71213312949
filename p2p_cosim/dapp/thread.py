"""The one thread of this process in which served runs live, from their making to their end.

OpenDSS keeps memory by thread: an engine that was made in one and is used or freed in another,
while threads come and go, has been seen to crash. So this thread lasts as long as the process.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Answer = TypeVar("Answer")

SIMULATION = ThreadPoolExecutor(1, thread_name_prefix="simulation")


def in_simulation_thread(do: Callable[[], Answer]) -> Answer:
    """Do something there, and wait for it. Not to be called from an event loop, which would
    stand still meanwhile, or from that thread itself."""
    return SIMULATION.submit(do).result()
