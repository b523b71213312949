import json
import shutil
import subprocess
import sys

import pytest
from synthetic_run import SyntheticRun

from p2p_cosim.core.errors import ResultsError
from p2p_cosim.record import ParquetRecorder, Results, latest, schema


@pytest.fixture
def own_run(small_run, tmp_path):
    """A copy that a test may damage."""
    return shutil.copytree(small_run, tmp_path / "run")


def test_repr_tells_the_run(small_run):
    run = Results.load(small_run)
    trades = len(run.trades)
    assert trades > 0
    assert repr(run) == f"Results('trading_day', seed=7, ticks=8, trades={trades}, alarms=0)"
    assert "Results(&#x27;trading_day&#x27;" in run._repr_html_()
    assert "worst_v_house" in run._repr_html_()


def test_repr_tells_an_unfinished_run(tmp_path):
    folder = SyntheticRun(houses=2, ticks=1).write(tmp_path, "interrupted")
    assert repr(Results.load(folder)).endswith("alarms=0, status='interrupted')")


def test_every_table_is_an_attribute(small_run):
    run = Results.load(str(small_run))
    for name in schema.TABLES:
        assert getattr(run, {"rounds": "market"}.get(name, name)) is run.table(name)


def test_nullable_integers_stay_integers(small_run):
    run = Results.load(small_run)
    assert str(run.market["price_wei_per_wh"].dtype) == "Int64"
    assert str(run.orders["order_id"].dtype) == "Int64"
    assert str(run.households["metered_wh"].dtype) == "Int64"
    assert str(run.households["contracted_wh"].dtype) == "int64"
    assert str(run.households["balance_wei"].dtype) == "decimal128(38, 0)[pyarrow]"


def test_scenario_clock_and_map_come_back(small_run):
    run, info = Results.load(small_run), SyntheticRun(houses=5, ticks=8, start_hour=12).info
    assert run.scenario == {"name": "trading_day", "households": 5, "ticks": 8}
    assert (run.clock, run.tariff, run.seed) == (info.clock, info.tariff, info.seed)
    assert run.feeder_map == info.feeder_map


def test_loading_imports_neither_pandas_nor_an_engine(small_run):
    code = (
        "import sys; from p2p_cosim.record import Results; Results.load(sys.argv[1]); "
        "heavy = {'pandas', 'pyarrow', 'mesa', 'eth', 'web3', 'opendssdirect', 'matplotlib'}; "
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, small_run], check=False, stderr=subprocess.PIPE, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("manifest", [None, "{", "[]", "{}"])
def test_a_folder_that_is_no_run(tmp_path, manifest):
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(ResultsError, match=r"is not a results folder.*give <results>"):
        Results.load(tmp_path)


def test_another_format_version(own_run):
    stored = json.loads((own_run / "manifest.json").read_text())
    (own_run / "manifest.json").write_text(json.dumps({**stored, "format_version": 99}))
    with pytest.raises(ResultsError, match=r"format version 99, this p2p_cosim reads 2: install"):
        Results.load(own_run)


def test_a_missing_file(own_run):
    (own_run / "trades.parquet").unlink()
    with pytest.raises(ResultsError, match=r"lacks 'trades.parquet'; run the scenario again"):
        Results.load(own_run)


def test_a_changed_file_is_found_when_asked(own_run):
    (own_run / "scenario.yaml").write_text("name: another\n")
    run = Results.load(own_run)
    with pytest.raises(ResultsError, match=r"'scenario.yaml' .* changed after the run"):
        run.verify()
    with pytest.raises(ResultsError, match="changed after the run"):
        Results.load(own_run, verify=True)


def test_a_damaged_table(own_run):
    (own_run / "trades.parquet").write_bytes(b"PAR1 but not really")
    with pytest.raises(ResultsError, match=r"'trades.parquet' .* cannot be read"):
        _ = Results.load(own_run).trades


def test_a_table_without_a_column(own_run):
    shutil.copy(own_run / "alarms.parquet", own_run / "trades.parquet")
    with pytest.raises(
        ResultsError, match=r"table 'trades' .* lacks \['budget_surplus_wei', 'buyer'"
    ):
        _ = Results.load(own_run).trades


def test_an_unknown_table(small_run):
    with pytest.raises(ResultsError, match="no table 'meters': there are rounds, orders"):
        Results.load(small_run).table("meters")


def test_latest_is_the_run_written_last(tmp_path):
    SyntheticRun(houses=2, ticks=1, seed=1).write(tmp_path)
    SyntheticRun(houses=2, ticks=1, seed=2).write(tmp_path)
    assert latest(tmp_path).seed == 2
    assert latest(tmp_path / "trading_day").seed == 2
    with pytest.raises(ResultsError, match="no run in"):
        latest(tmp_path / "elsewhere")


def test_a_folder_written_anew_is_noticed(tmp_path):
    """What was read stays what it was, and nothing of the newer run is read beside it."""
    synthetic = SyntheticRun(houses=2, ticks=2)
    run = Results.load(synthetic.write(tmp_path))
    trades = run.trades
    recorder = ParquetRecorder(tmp_path, synthetic.info)
    recorder.write("complete")  # the same id, and other bytes
    for read in (lambda: run.orders, lambda: run.scenario, run.summary):
        with pytest.raises(ResultsError, match="was written anew since it was opened: open it"):
            read()
    assert run.trades is trades
    assert len(Results.load(run.path).trades) == 0
