"""The process behind a local sweep: it runs what it is sent, one task after another.

    python -m p2p_cosim.sweeps.worker FD [--fork]

FD: an inherited socket on which tasks come and outcomes go as pickles, between a process and the
one that started it. Started so, and not by multiprocessing, a worker never imports the user's
`__main__`: scripts need no guard, and notebooks work. When the other end is gone, however it
ended, the worker ends at once.

With `--fork` the process is a nursery and no worker: it imports everything and forks a worker for
every socket that it is sent. `process.Nursery` is the other end of it.
"""

from __future__ import annotations

import os
import pickle
import queue
import socket
import sys
import threading
from multiprocessing.connection import Connection

from p2p_cosim.sweeps.process import FORK_FLAG, NUMBER, UNKNOWN_CODE
from p2p_cosim.sweeps.task import FAILED, READY, Outcome, execute


def serve(connection: Connection) -> None:
    """Execute tasks until the other end is gone."""
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(connection, tasks), daemon=True).start()
    _warm()
    connection.send_bytes(READY)
    while True:
        connection.send_bytes(pickle.dumps(_outcome(tasks.get())))


def nurse(control: socket.socket) -> None:
    """Fork a worker for every socket sent, and tell how one ended whose number is sent."""
    _warm()
    while True:
        message, sent, _, _ = socket.recv_fds(control, NUMBER.size, 1)
        if not message:
            return
        if sent:
            answer = os.fork()
            if answer == 0:
                control.close()
                serve(Connection(sent[0]))
            os.close(sent[0])
        else:
            answer = _code(NUMBER.unpack(message)[0])
        control.send(NUMBER.pack(answer))


def _warm() -> None:
    """Import what a run needs, before the first task's time is taken."""
    import pyarrow.parquet  # noqa: F401

    import p2p_cosim.running
    import p2p_cosim.scenario.profiles.under_weather  # noqa: F401


def _code(pid: int) -> int:
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except ChildProcessError:  # a child of a nursery that was killed
        return UNKNOWN_CODE


def _outcome(sent: bytes) -> Outcome:
    try:
        # Bytes come from the parent alone, over an inherited socket.
        task = pickle.loads(sent)  # noqa: S301
    except Exception as error:  # a plug-in's module that cannot be imported here
        return Outcome(FAILED, f"what was sent cannot be read in the worker: {error!r}")
    return execute(task)


def _read(connection: Connection, tasks: queue.SimpleQueue[bytes]) -> None:
    try:
        while True:
            tasks.put(connection.recv_bytes())
    except (EOFError, OSError):
        os._exit(0)  # in the middle of a run, too: a folder appears whole or not at all


if __name__ == "__main__":
    descriptor = int(sys.argv[1])
    if FORK_FLAG in sys.argv:
        nurse(socket.socket(fileno=descriptor))
    else:
        serve(Connection(descriptor))
