"""Warm worker processes on this machine.

A process takes four CPU seconds to import everything, more than many a run: so workers are kept
from run to run, and retired when they have grown. Own code, because a pool of the standard
library or of loky breaks as a whole when one worker dies, with the runs of all the others, and
does not say which run it was; here a death is the outcome of one run.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import cast

import cloudpickle

from p2p_cosim.sweeps.task import LOST, READY, TIMED_OUT, Outcome, Task

GROWTH_MB = 200.0
"""A worker that holds so much more than after its first run is replaced."""
_QUIET = ("-W", "ignore::RuntimeWarning:runpy")  # the package has imported the module already
_GRACE_S = 10.0  # beyond its time limit a run that does not even end its tick is killed


class LocalPool:
    """As many workers as asked for, each started when there is a first task for it."""

    def __init__(self, workers: int) -> None:
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="sweep")
        self._mine = threading.local()
        self._open: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, task: Task) -> Future[Outcome]:
        """The outcome to come. LOST if the worker died with the run."""
        return self._threads.submit(self._run, task)

    def close(self) -> None:
        """End every worker, whatever it is doing."""
        with self._lock:
            self._closed = True
            for worker in self._open:
                worker.kill()
        self._threads.shutdown(cancel_futures=True)

    def _run(self, task: Task) -> Outcome:
        worker = getattr(self._mine, "worker", None)
        with self._lock:
            if self._closed:
                return Outcome(LOST, "the sweep has ended")
            if worker is None:
                worker = self._mine.worker = _Worker()
                self._open.add(worker)
        outcome = worker.run(task)
        if worker.is_spent(outcome):
            worker.kill()
            self._mine.worker = None
            with self._lock:
                self._open.discard(worker)
        return outcome


class _Worker:
    """One process, and the socket to it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            # A session of its own: Ctrl-C in a terminal reaches the sweep, which decides.
            self._process = subprocess.Popen(  # noqa: S603 (this interpreter, our own module)
                [sys.executable, *_QUIET, "-m", "p2p_cosim.sweeps.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env=_environment(),
            )
        self._connection = Connection(ours.detach())
        self._ready = False
        self._first_mb: float | None = None

    def run(self, task: Task) -> Outcome:
        """Send a task and wait for its outcome."""
        limit_s = None if task.timeout_s is None else task.timeout_s + _GRACE_S
        try:
            if not self._ready:
                self._ready = self._connection.recv_bytes() == READY
            self._connection.send_bytes(cloudpickle.dumps(task))
            if not self._connection.poll(limit_s):
                self.kill()
                return Outcome(TIMED_OUT, f"took longer than {task.timeout_s:g} s in one tick")
            # Bytes come from the child alone, over its socket.
            outcome = cast(Outcome, pickle.loads(self._connection.recv_bytes()))  # noqa: S301
        except (EOFError, OSError):
            self.kill()
            return Outcome(LOST, f"the worker process ended, {_how(self._process.returncode)}")
        if self._first_mb is None:
            self._first_mb = outcome.memory_mb
        return outcome

    def is_spent(self, outcome: Outcome) -> bool:
        """Whether the worker is gone or has grown."""
        grown = outcome.memory_mb > (self._first_mb or 0.0) + GROWTH_MB
        return grown or self._process.poll() is not None

    def kill(self) -> None:
        """End the process, whatever it is doing. What it has written stays."""
        self._process.kill()
        self._process.wait()


def _how(code: int) -> str:
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


def _environment() -> dict[str, str]:
    path = os.pathsep.join(folder or os.getcwd() for folder in sys.path)
    # Workers share the cores: none of them should start a thread for each.
    return {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **os.environ, "PYTHONPATH": path}
