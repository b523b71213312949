"""Workers of Dask: on this machine, or wherever a scheduler has them. Extra `dask`.

They write to the same folder as everybody else, so they need one file system with the caller.
"""

from __future__ import annotations

from concurrent.futures import Future
from importlib import import_module
from typing import Any

from p2p_cosim.core.errors import InputError
from p2p_cosim.sweeps.task import LOST, Outcome, Task, execute

LOCAL = "local"


class DaskPool:
    """where: a scheduler's address, `local` for a LocalCluster on loopback, or a Client or
    cluster, such as dask-jobqueue's SLURMCluster.

    Raises InputError without the extra, or if no scheduler answers.
    """

    def __init__(self, where: Any, workers: int) -> None:
        try:
            distributed: Any = import_module("distributed")
        except ImportError as error:
            raise InputError(
                f"Dask is not installed ({error}): pip install 'p2p-cosim[dask]'"
            ) from None
        self._cluster = None
        if where == LOCAL:
            self._cluster = where = distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,  # OpenDSS keeps its circuit in the process
                host="127.0.0.1",
                dashboard_address=None,
            )
        self._given = isinstance(where, distributed.Client)
        try:
            self._client = where if self._given else distributed.Client(where, timeout="10s")
        except (OSError, ValueError) as error:
            raise InputError(f"no Dask scheduler answers at {where!r}: {error}") from None

    def submit(self, task: Task) -> Future[Outcome]:
        """The outcome to come. LOST if workers died with the run."""
        from distributed import KilledWorker

        told: Future[Outcome] = Future()

        def tell(done: Any) -> None:
            error = done.exception()
            if error is None:
                told.set_result(done.result())
            elif isinstance(error, KilledWorker):
                told.set_result(Outcome(LOST, f"workers of Dask ended: {error}"))
            else:
                told.set_exception(error)

        future = self._client.submit(execute, task, pure=False)
        future.add_done_callback(tell)
        return told

    def close(self) -> None:
        """Leave the scheduler; end a cluster that this pool has started."""
        if not self._given:
            self._client.close()
        if self._cluster is not None:
            self._cluster.close()
