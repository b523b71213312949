"""Warm worker processes on this machine.

A worker has imported everything and has translated the contract's code in its first run, so it is
kept from run to run, and retired when it has grown. Own code, because a pool of the standard
library or of loky breaks as a whole when one worker dies, with the runs of all the others, and
does not say which run it was; here a death is the outcome of one run.
"""

from __future__ import annotations

import pickle
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import cast

import cloudpickle

from p2p_cosim.sweeps.process import Nursery, Process
from p2p_cosim.sweeps.task import LOST, READY, TIMED_OUT, Outcome, Task

GROWTH_MB = 200.0
"""A worker that holds so much more than after its first run is replaced."""
_GRACE_S = 10.0  # beyond its time limit a run that does not even end its tick is killed


class LocalPool:
    """As many workers as asked for, each started when there is a first task for it."""

    def __init__(self, workers: int) -> None:
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="sweep")
        self._nursery = Nursery()
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
            workers = set(self._open)
        for worker in workers:
            worker.end()
        self._nursery.close()
        self._threads.shutdown(cancel_futures=True)

    def _run(self, task: Task) -> Outcome:
        try:
            worker = getattr(self._mine, "worker", None) or self._begin()
        except OSError as error:
            return Outcome(LOST, f"no worker process could be started: {error}")
        outcome = worker.run(task)
        if worker.is_spent(outcome):
            worker.end()
            self._mine.worker = None
            with self._lock:
                self._open.discard(worker)
        return outcome

    def _begin(self) -> _Worker:
        worker = _Worker(self._nursery.worker())
        with self._lock:
            if not self._closed:
                self._open.add(worker)
                self._mine.worker = worker
                return worker
        worker.end()
        raise ConnectionResetError("the sweep has ended")


class _Worker:
    """One process, and the runs that it has done."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._lock = threading.Lock()
        self._ended = self._ready = False
        self._first_mb: float | None = None

    def run(self, task: Task) -> Outcome:
        """Send a task and wait for its outcome."""
        connection = self._process.connection
        limit_s = None if task.timeout_s is None else task.timeout_s + _GRACE_S
        try:
            if not self._ready:
                self._ready = connection.recv_bytes() == READY
            connection.send_bytes(cloudpickle.dumps(task))
            if not connection.poll(limit_s):
                self.end()
                return Outcome(TIMED_OUT, f"took longer than {task.timeout_s:g} s in one tick")
            # Bytes come from the child alone, over its socket.
            outcome = cast(Outcome, pickle.loads(connection.recv_bytes()))  # noqa: S301
        except (EOFError, OSError):
            return Outcome(LOST, f"the worker process ended, {self.end()}")
        if self._first_mb is None:
            self._first_mb = outcome.memory_mb
        return outcome

    def is_spent(self, outcome: Outcome) -> bool:
        """Whether the worker is gone or has grown."""
        grown = outcome.memory_mb > (self._first_mb or 0.0) + GROWTH_MB
        return grown or self._ended

    def end(self) -> str:
        """End the process, whatever it is doing, and say how it ended."""
        with self._lock:
            self._ended = True
            return self._process.end()
