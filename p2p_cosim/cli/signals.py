"""SIGTERM ends a command as Ctrl-C does. For the process of the command line alone."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class Terminated(KeyboardInterrupt):
    """SIGTERM: a batch system at its time limit, `docker stop`, a service manager."""


@contextmanager
def sigterm_interrupts() -> Iterator[None]:
    """Within it, the first SIGTERM raises Terminated and further ones are left unheard, so that
    what was recorded can be written."""
    before = signal.getsignal(signal.SIGTERM)

    def stop(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Terminated

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
