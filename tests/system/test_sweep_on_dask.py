"""A sweep on two workers of Dask, one of them killed in the middle, is the local one."""

import os
import signal

import pandas as pd
import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import InputError
from p2p_cosim.sweeps import Settings, gather, make_plan, run_here

FIELDS = {"pv_share": [0.5, 1.0]}


def test_the_table_is_the_local_one_though_a_worker_is_killed(tmp_path):
    from distributed import Client, LocalCluster

    changes = {"houses.count": 2, "clock.ticks": 2, "clock.start": "2024-06-21 11:00"}
    base = p2p.load("scenarios/trading_day.yaml").replace(changes)
    plan, settings = make_plan(base, FIELDS, seeds=3), Settings(tmp_path / "local")
    for index in range(len(plan.runs)):
        run_here(plan, index, settings)

    killed = []
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):

        def kill_one(_finding):
            if not killed:
                pids = client.run(os.getpid)
                killed.append(next(iter(pids.values())))
                os.kill(killed[0], signal.SIGKILL)

        found = p2p.sweep(
            base, FIELDS, seeds=3, out=tmp_path / "dask", dask=client, on_done=kill_one
        )
    assert len(killed) == 1
    assert len(found.failed) == 0
    pd.testing.assert_frame_equal(found.table(), gather(plan, settings).table())


def test_no_scheduler_is_told(tmp_path):
    base = p2p.load("scenarios/trading_day.yaml").replace(ticks=1)
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        p2p.sweep(base, out=tmp_path, dask="tcp://127.0.0.1:1")
