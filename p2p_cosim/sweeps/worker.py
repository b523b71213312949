"""The process behind a local sweep: it runs what it is sent, one task after another.

    python -m p2p_cosim.sweeps.worker FD

FD: an inherited socket on which tasks come and outcomes go as pickles, between a process and the
one that started it. Started so, and not by multiprocessing, a worker never imports the user's
`__main__`: scripts need no guard, and notebooks work. When the other end is gone, however it
ended, the worker ends at once.
"""

from __future__ import annotations

import os
import pickle
import queue
import sys
import threading
from multiprocessing.connection import Connection

from p2p_cosim.sweeps.task import FAILED, READY, Outcome, execute


def serve(connection: Connection) -> None:
    """Execute tasks until the other end is gone."""
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(connection, tasks), daemon=True).start()
    import p2p_cosim.running  # noqa: F401 (warm before the first task's time is taken)

    connection.send_bytes(READY)
    while True:
        connection.send_bytes(pickle.dumps(_outcome(tasks.get())))


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
    serve(Connection(int(sys.argv[1])))
