"""SIGTERM ends a command as Ctrl-C does. For the process of the command line alone."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from p2p_cosim.cli.options import INTERRUPTED, TERMINATED, explain


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


@contextmanager
def stoppable(note: str = "") -> Iterator[None]:
    """Within it, Ctrl-C and SIGTERM end the command with their exit code and a line; note: what
    of the work is kept."""
    try:
        with sigterm_interrupts():
            yield
    except KeyboardInterrupt as interrupt:
        terminated = isinstance(interrupt, Terminated)
        if note:
            interrupt.add_note(note)
        explain(interrupt, "terminated" if terminated else "interrupted")
        raise typer.Exit(TERMINATED if terminated else INTERRUPTED) from None


KEPT = "complete runs are kept: the same command goes on from there"
