"""A small sweep, run once for the whole module by two workers, and looked at from all sides."""

import json
from dataclasses import replace

import pandas as pd
import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import InputError, ResultsError, StorageError, SweepError
from p2p_cosim.run_identity import run_identity
from p2p_cosim.sweeps import Settings, estimate, gather, make_plan, run_here, run_sweep
from p2p_cosim.sweeps import local as local_pool
from p2p_cosim.sweeps.local import LocalPool
from p2p_cosim.sweeps.task import COMPLETE, FAILED, LOST, OVER_MEMORY, TIMED_OUT, Task, execute

FIELDS = {"pv_share": [0.5, 1.0]}
TROUBLE = """
import os, time

class Raises:
    def quote(self, view, rng):
        raise RuntimeError("oops")

class Dies:
    def quote(self, view, rng):
        os._exit(7)

class Slow:
    def quote(self, view, rng):
        time.sleep(0.2)
        return []

class Hangs:
    def quote(self, view, rng):
        time.sleep(600)
"""


@pytest.fixture(scope="module")
def base():
    changes = {"houses.count": 2, "clock.ticks": 2, "clock.start": "2024-06-21 11:00"}
    return p2p.load("scenarios/trading_day.yaml").replace(changes)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("sweep")


@pytest.fixture(scope="module")
def swept(base, out):
    return p2p.sweep(base, FIELDS, seeds=2, out=out, workers=2, name="small")


@pytest.fixture
def trouble(tmp_path, monkeypatch):
    (tmp_path / "trouble_in_sweep.py").write_text(TROUBLE)
    monkeypatch.syspath_prepend(tmp_path)
    return "trouble_in_sweep:{}".format


def test_the_table_has_a_row_a_run_with_axes_and_figures(swept):
    table = swept.table()
    assert list(table.columns[:3]) == ["pv_share", "seed", "energy_traded_kwh"]
    assert table[["pv_share", "seed"]].values.tolist() == [[0.5, 1], [0.5, 2], [1.0, 1], [1.0, 2]]
    for index in table.index:
        summary = swept.results(index).summary()
        assert table.loc[index, "total_gas"] == summary.total_gas
        assert table.loc[index, "welfare_eur"] == summary.welfare_eur
    assert list(swept.table("orders").columns) == ["pv_share", "seed", "orders"]
    with pytest.raises(ResultsError, match="did you mean 'orders'"):
        swept.table("ordrs")


def test_a_run_of_a_sweep_is_the_run_it_would_be_alone(swept, base, tmp_path):
    alone = p2p.run(base.replace(pv_share=1.0, seed=2), out=tmp_path)
    assert alone.path.name == swept.runs[3].run_id
    pd.testing.assert_frame_equal(alone.households, swept.results(3).households)


def test_what_is_there_is_not_run_again(swept, base, out):
    ran = []
    again = p2p.sweep(base, FIELDS, seeds=2, out=out, name="small", on_done=ran.append)
    assert ran == []
    pd.testing.assert_frame_equal(again.table(), swept.table())


def test_a_damaged_run_is_run_anew_and_a_new_seed_alone(swept, base, out):
    victim = swept.results(0).path / "trades.parquet"
    before = victim.read_bytes()
    victim.write_bytes(b"damaged")
    ran = []
    p2p.sweep(base, FIELDS, seeds=3, out=out, workers=1, name="more", on_done=ran.append)
    assert sorted((done.run.arm, done.run.scenario.seed) for done in ran) == [
        (0, 1),
        (0, 3),
        (1, 3),
    ]
    assert victim.read_bytes() == before


def test_the_folder_tells_everything(swept):
    opened = p2p.Sweep.load(swept.folder)
    pd.testing.assert_frame_equal(opened.table(), swept.table())
    written = pd.read_csv(swept.folder / "table.csv", index_col="index")
    assert list(written["run_id"]) == [run.run_id for run in swept.runs]
    told = json.loads((swept.folder / "sweep.json").read_text())
    assert told["base"]["houses"]["count"] == 2
    with pytest.raises(ResultsError, match="no folder of a sweep"):
        p2p.Sweep.load(swept.folder.parent)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "of another version"),
        ('{"format_version": 0}', "of another version"),
        ('{"format_version": 1}', "is damaged"),
        (
            '{"format_version": 1, "name": "x", "axes": [], "design": "", "runs": [{"a": 1}]}',
            "damaged",
        ),
        ("{", "no folder of a sweep"),
    ],
)
def test_a_folder_that_cannot_be_read_is_told(tmp_path, text, told):
    (tmp_path / "sweep.json").write_text(text)
    with pytest.raises(ResultsError, match=told):
        p2p.Sweep.load(tmp_path)


def test_a_sweep_whose_folder_cannot_be_written_keeps_its_runs(base, tmp_path):
    plan, settings = make_plan(base, name="blocked"), Settings(tmp_path, workers=1)
    (tmp_path / "blocked.sweep").write_text("a file stands where the folder would")
    run_here(plan, 0, settings)
    with pytest.raises(StorageError, match=r"blocked\.sweep"):
        gather(plan, settings)
    assert run_here(plan, 0, settings).before


def test_sql_reads_all_runs_and_nothing_else(swept, tmp_path):
    found = swept.sql(
        "select pv_share, sum(fed) as kwh from (select run_id, sum(pv_kw) as fed from households "
        "group by run_id) join runs using (run_id) group by pv_share order by pv_share"
    )
    expected = [
        sum(swept.results(i).households["pv_kw"].sum() for i in pair) for pair in ((0, 1), (2, 3))
    ]
    assert found["kwh"].tolist() == pytest.approx(expected)
    (tmp_path / "x.csv").write_text("a\n1\n")
    for query in (
        f"from read_csv('{tmp_path}/x.csv')",
        f"copy runs to '{tmp_path}/y.csv'",
        f"attach '{tmp_path}/z.db'",
        "install httpfs",
        "set enable_external_access = true",
        "select * from nowhere",
        "select",
    ):
        with pytest.raises(InputError, match="SQL: "):
            swept.sql(query)
    assert [file.name for file in tmp_path.iterdir()] == ["x.csv"]


def test_xarray_and_netcdf_hold_the_table(swept, tmp_path):
    import xarray

    data = swept.to_xarray()
    assert data["total_gas"].dims == ("pv_share", "seed")
    assert float(data["total_gas"].sel(pv_share=1.0, seed=2)) == swept.table()["total_gas"][3]
    swept.to_netcdf(tmp_path / "x.nc")
    with xarray.open_dataset(tmp_path / "x.nc", engine="h5netcdf") as read:
        assert read["welfare_eur"].dtype == "float64"
        xarray.testing.assert_equal(read.load(), data)


def test_means_and_differences(swept):
    means = swept.means("total_gas")
    assert list(means["runs"]) == [2, 2]
    change = swept.differences("total_gas", "pv_share", 0.5)
    assert change["difference"].iloc[0] == pytest.approx(means["mean"][1] - means["mean"][0])
    with pytest.raises(InputError, match="'k' is no axis"):
        swept.differences("total_gas", "k", 0)
    with pytest.raises(InputError, match="sobol design"):
        swept.sobol("total_gas")


def test_what_fails_is_listed_and_hides_nothing(base, out, trouble):
    strategies = ["zic", trouble("Raises"), trouble("Dies"), trouble("Slow")]
    found = p2p.sweep(
        base, {"strategy": strategies}, out=out, workers=2, timeout_s=60, name="trouble"
    )
    assert [run.status for run in found.runs] == [COMPLETE, FAILED, LOST, COMPLETE]
    failed = found.failed
    assert "oops" in failed.loc[1, "error"]
    assert failed.loc[2, "error"] == "the worker process ended, exit code 7"
    repeated = p2p.load(failed.loc[1, "scenario"])
    assert repeated.market.strategy == strategies[1]
    assert list(found.table().index) == [0, 3]
    with pytest.raises(ResultsError, match="run 2 of trouble is lost"):
        found.results(2)


def test_limits_stop_a_run_that_passes_them(base, out, trouble, monkeypatch):
    monkeypatch.setattr(local_pool, "_GRACE_S", 0.0)
    slow = base.replace(strategy=trouble("Slow"), seed=9)
    pool = LocalPool(1)
    try:
        limited = pool.submit(Task(slow, out, memory_mb=1.0)).result()
        hung = base.replace(strategy=trouble("Hangs"))
        stuck = pool.submit(Task(hung, out, timeout_s=1.0)).result()
    finally:
        pool.close()
    assert (limited.status, stuck.status) == (OVER_MEMORY, TIMED_OUT)
    assert "more than the limit of 1 MB" in limited.error
    assert "in one tick" in stuck.error


def test_a_worker_with_other_code_does_not_run(base, tmp_path):
    there = run_identity(base)
    other = replace(there, code_version="0" * 64, engines={**there.engines, "numpy": "1.0"})
    outcome = execute(Task(base, tmp_path, identity=other))
    assert outcome.status == FAILED
    assert f"code {there.code_version[:12]} instead of 000000000000" in outcome.error
    assert "numpy" in outcome.error
    assert list(tmp_path.iterdir()) == []


def test_workers_run_the_code_of_the_sweep_in_any_folder(base, tmp_path, monkeypatch):
    (tmp_path / "p2p_cosim").mkdir()
    (tmp_path / "p2p_cosim" / "__init__.py").write_text("raise ImportError('not this one')")
    monkeypatch.chdir(tmp_path)
    assert len(p2p.sweep(base, out="results", workers=1).complete) == 1


def test_a_time_limit_ends_a_run_after_its_tick(base, tmp_path, trouble):
    plan = make_plan(base.replace(strategy=trouble("Slow")))
    done = run_here(plan, 0, Settings(tmp_path, timeout_s=0.1))
    assert done.outcome.status == TIMED_OUT
    with pytest.raises(IndexError):
        run_here(plan, 1, Settings(tmp_path))


def test_a_sweep_in_which_everything_fails_raises_the_first_error(base, tmp_path, trouble):
    plan = make_plan(base.replace(strategy=trouble("Raises")), seeds=2)
    with pytest.raises(SweepError, match=r"all 2 runs .* run 0 .*seed=1.*oops"):
        run_sweep(plan, Settings(tmp_path, workers=1))


def test_an_array_of_single_runs_makes_the_same_sweep(swept, base, tmp_path):
    plan = make_plan(base, FIELDS, seeds=2)
    settings = Settings(tmp_path)
    for index in reversed(range(4)):
        assert run_here(plan, index, settings).outcome.status == COMPLETE
    assert run_here(plan, 0, settings).before
    pd.testing.assert_frame_equal(gather(plan, settings).table(), swept.table())


def test_an_estimate_runs_one_run_and_keeps_it(base, tmp_path):
    plan, settings = make_plan(base, FIELDS), Settings(tmp_path, workers=1)
    cost = estimate(plan, settings)
    assert (cost.runs, cost.left, cost.measured.run.index) == (2, 1, 0)
    assert cost.left_s == pytest.approx(cost.measured.outcome.seconds)
    assert 0.01 < cost.disk_mb < 10
    assert len(gather(plan, settings).complete) == 1
