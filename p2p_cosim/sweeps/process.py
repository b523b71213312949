"""Worker processes of this machine, and how they begin and end.

Importing everything takes four CPU seconds. Where processes can be forked, one process, the
nursery, imports everything once and every worker is a fork of it: a worker costs milliseconds, and
so does its successor. The nursery runs nothing itself, holds no circuit and starts no thread of
Python, which is what makes forking it sound. Elsewhere (macOS, whose frameworks forbid it) every
worker imports for itself.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Protocol

FORKS = sys.platform.startswith("linux")
FORK_FLAG = "--fork"
NUMBER = struct.Struct("q")
"""What nursery and sweep tell each other: a process's number, its exit code, or zero to fork."""
UNKNOWN_CODE = 1 << 32
"""The exit code of a process whose end nobody saw."""

_FLAGS = (
    "-P",  # a folder that holds another p2p_cosim, such as a checkout, does not come first
    "-W",
    "ignore::RuntimeWarning:runpy",  # the package has imported the module already
    "-W",
    "ignore:This process:DeprecationWarning",  # of forking beside the allocator's own thread
)


class Process(Protocol):
    """A worker: the connection to it, and its end."""

    connection: Connection

    def end(self) -> str:
        """Kill it unless it has ended, and say how it ended. What it has written stays."""
        ...


class Nursery:
    """Where workers come from. Several threads may ask; the first waits for the imports."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._closed = False

    def worker(self) -> Process:
        """A new worker. Raises OSError if none can be had."""
        ours, theirs = socket.socketpair()
        connection = Connection(ours.detach())
        with theirs:
            if not FORKS:
                return _Started(_popen(theirs), connection)
            for attempt in (1, 2):
                try:
                    return _Forked(self, self._ask(0, theirs.fileno()), connection)
                except OSError:  # the nursery was killed: another takes its place, once
                    if attempt == 2 or self._closed:
                        raise
        raise AssertionError

    def ended(self, pid: int) -> int:
        """Exit code of a fork that has ended, as `subprocess` tells it."""
        try:
            return self._ask(pid)
        except OSError:
            return UNKNOWN_CODE

    def close(self) -> None:
        """End the nursery, also while it is asked something."""
        self._closed = True
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _ask(self, number: int, *descriptors: int) -> int:
        with self._lock:
            if self._control is None:
                self._control = self._begin()
            try:
                socket.send_fds(self._control, [NUMBER.pack(number)], descriptors)
                answer = self._control.recv(NUMBER.size)
                if not answer:
                    raise ConnectionResetError("the process that workers come from has ended")
            except OSError:
                self._control.close()
                self._control = None
                raise
            return int(NUMBER.unpack(answer)[0])

    def _begin(self) -> socket.socket:
        if self._closed:
            raise ConnectionResetError("the sweep has ended")
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = _popen(theirs, FORK_FLAG)
        return ours


class _Forked:
    """A fork of the nursery. It stays a zombie, and its number its own, until it is asked for."""

    def __init__(self, nursery: Nursery, pid: int, connection: Connection) -> None:
        self.connection = connection
        self._nursery, self._pid = nursery, pid
        self._told: str | None = None

    def end(self) -> str:
        if self._told is None:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            self._told = _how(self._nursery.ended(self._pid))
            self.connection.close()
        return self._told


class _Started:
    """A process that has imported everything for itself."""

    def __init__(self, process: subprocess.Popen[bytes], connection: Connection) -> None:
        self.connection = connection
        self._process = process

    def end(self) -> str:
        self._process.kill()
        return _how(self._process.wait())


def _popen(theirs: socket.socket, *flags: str) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C in a terminal reaches the sweep, which decides.
    return subprocess.Popen(  # noqa: S603 (this interpreter, our own module)
        [sys.executable, *_FLAGS, "-m", "p2p_cosim.sweeps.worker", str(theirs.fileno()), *flags],
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        env=_environment(),
    )


def _how(code: int) -> str:
    if code == UNKNOWN_CODE:
        return "how is not known"
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


def _environment() -> dict[str, str]:
    path = os.pathsep.join(folder or os.getcwd() for folder in sys.path)
    # Workers share the cores: none of them should start a thread for each.
    return {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **os.environ, "PYTHONPATH": path}
