import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from synthetic_run import EUR_PER_ETHER, SyntheticRun, recorder_and_records

from p2p_cosim.core.errors import ConservationError, ResultsError
from p2p_cosim.core.types import Clearing, TapMove
from p2p_cosim.record import Results, schema

SCRIPT = Path(__file__).parents[2] / "support" / "synthetic_run.py"


@pytest.mark.parametrize("table", schema.TABLES.values(), ids=lambda table: table.name)
def test_files_carry_types_units_and_descriptions(small_run, table):
    stored = pq.read_schema(small_run / table.file_name)
    types = {
        "string": pa.string(),
        "bool": pa.bool_(),
        "int64": pa.int64(),
        "float64": pa.float64(),
        "decimal128": pa.decimal128(38, 0),
    }
    assert stored.names == [column.name for column in table.columns]
    for column in table.columns:
        field = stored.field(column.name)
        assert field.type == types[column.dtype]
        assert field.nullable == column.nullable
        assert field.metadata[b"unit"].decode() == column.unit
        assert field.metadata[b"description"].decode() == column.description


def test_what_was_recorded_comes_back(tmp_path):
    recorder, records = recorder_and_records(tmp_path)
    for record in records:
        recorder.record(record)
    run = Results.load(recorder.write("complete"), verify=True)
    last = records[-1]
    house = run.households.query("tick == 2 and house == 'h03'").iloc[0]
    assert house["p_kw"] == pytest.approx(last.grid.house_p_kw[3], abs=5e-7)
    assert house["forecast_wh"] == last.meters[3].forecast_wh
    assert house["imbalance_wei"] == last.settlements[3].charge_wei
    assert run.market["welfare_wei"].tolist() == [r.gate.clearing.welfare_wei for r in records]
    assert run.orders["filled_wh"].sum() == 2 * run.trades["energy_wh"].sum()
    assert run.market["bids"].sum() + run.market["asks"].sum() == run.orders["order_id"].count()
    assert (run.households.groupby("tick")["market_wei"].sum() == 0).all()
    assert run.others["trader"].unique().tolist() == ["utility"]
    assert run.feeder["spot_p_kw"].iloc[0] == pytest.approx(9 * 385)


def test_taps_begin_with_the_initial_state(tmp_path):
    run = SyntheticRun(houses=2, ticks=48)
    taps = Results.load(run.write(tmp_path)).taps
    first = taps[taps["tick"] == -1]
    assert dict(zip(first["regulator"], first["tap"], strict=True)) == run.info.initial_taps
    assert set(first["reason"]) == {"initial"}
    moves = taps[taps["tick"] >= 0]
    assert moves[["regulator", "tap"]].to_numpy().tolist() == [
        ["reg1", 7],
        ["reg3", 7],
        ["reg2", 4],
    ]


def test_floats_are_rounded_and_never_minus_zero(tmp_path):
    recorder, (record, *_) = recorder_and_records(tmp_path)
    v_pu = np.array([1.00000049, 0.9999995001, 1.0, 1.0, 0.0])
    power = np.array([-1e-9, 0.0, 0.0, 0.0, 0.0])
    recorder.record(replace(record, grid=replace(record.grid, house_v_pu=v_pu, house_p_kw=power)))
    run = Results.load(recorder.write("complete"))
    assert run.voltages["v_pu"].tolist() == [1.0, 1.0, 1.0, 1.0, 0.0]
    assert not np.signbit(run.households["p_kw"]).any()


def test_a_tick_without_trades_or_readings(tmp_path):
    recorder, (record, *_) = recorder_and_records(tmp_path)
    gate = replace(record.gate, placements=(), clearing=Clearing(None, 0, 0, ()))
    recorder.record(replace(record, gate=gate, settlements=()))
    run = Results.load(recorder.write("complete"))
    assert run.market["price_wei_per_wh"].isna().all()
    assert run.households["metered_wh"].isna().all()
    assert (run.households["imbalance_wh"] == 0).all()


def test_an_integer_that_does_not_fit_is_refused_and_the_run_can_still_be_written(tmp_path):
    recorder, (first, second, *_) = recorder_and_records(tmp_path)
    recorder.record(first)
    accounts = dict(second.ledger.accounts)
    accounts["h04"] = replace(accounts["h04"], balance_wei=10**38)
    with pytest.raises(ResultsError) as caught:
        recorder.record(replace(second, ledger=replace(second.ledger, accounts=accounts)))
    message = str(caught.value)
    for part in ("'households'", "'balance_wei'", str(10**38), "raise 'eur_per_ether'"):
        assert part in message
    clearing = replace(second.gate.clearing, price_wei_per_wh=2**63)
    with pytest.raises(ResultsError, match=f"'price_wei_per_wh': {2**63} wei/Wh is beyond"):
        recorder.record(replace(second, gate=replace(second.gate, clearing=clearing)))
    run = Results.load(recorder.write("failed: amount too large"))
    assert run.ticks == 1
    assert run.status == "failed: amount too large"
    assert {name: run.table(name)["tick"].max() for name in ("rounds", "households")} == {
        "rounds": 0,
        "households": 0,
    }


def test_money_beyond_64_bits_is_exact_and_divides_into_ether(tmp_path):
    recorder, (record, *_) = recorder_and_records(tmp_path)
    accounts = dict(record.ledger.accounts)
    accounts["h04"] = replace(accounts["h04"], balance_wei=10**38 - 1, open_wei=-(2**70))
    recorder.record(replace(record, ledger=replace(record.ledger, accounts=accounts)))
    houses = Results.load(recorder.write("complete")).households
    house = houses.iloc[4]
    assert (int(house["balance_wei"]), int(house["open_wei"])) == (10**38 - 1, -(2**70))
    assert int(houses["open_wei"].sum()) == -(2**70)
    ether = houses.balance_wei / 1e18
    assert ether.tolist()[:4] == [1.0] * 4
    assert ether.tolist()[4] == pytest.approx(1e20)


def test_a_tap_that_nobody_moved_is_a_bug_that_shows(tmp_path):
    recorder, (record, *_) = recorder_and_records(tmp_path)
    recorder.record(record)
    moved = replace(record, tick=1, tap_moves=(TapMove("reg2", 5, "test"),))
    with pytest.raises(ConservationError, match="tap of regulator 'reg2'"):
        recorder.record(moved)


def test_meters_in_another_order_than_the_grid_are_refused(tmp_path):
    recorder, (record, *_) = recorder_and_records(tmp_path)
    with pytest.raises(ValueError, match="meter 0 is of trader 'h04'"):
        recorder.record(replace(record, meters=record.meters[::-1]))


def test_an_unknown_status_is_refused_before_anything_is_written(tmp_path):
    recorder, _ = recorder_and_records(tmp_path)
    with pytest.raises(ValueError, match="status 'done' is unknown"):
        recorder.write("done")
    assert list(tmp_path.rglob("*")) == []


def test_a_run_without_ticks_is_written_too(tmp_path):
    recorder, _ = recorder_and_records(tmp_path)
    run = Results.load(recorder.write("interrupted"))
    assert run.ticks == 0
    filled = {name: len(run.table(name)) for name in schema.TABLES if len(run.table(name))}
    assert filled == {"taps": 3, "transactions": 1}


def test_equal_runs_are_equal_bytes_in_another_process(tmp_path):
    subprocess.run(
        [sys.executable, SCRIPT, tmp_path / "there"],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        check=True,
    )
    first = next((tmp_path / "there").glob("*/*"))
    second = SyntheticRun(houses=5, ticks=8, start_hour=12).write(tmp_path / "here")
    names = sorted(path.name for path in first.iterdir())
    assert len(names) == len(schema.TABLES) + 3
    assert names == sorted(path.name for path in second.iterdir())
    for name in set(names) - {"manifest.json"}:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    assert _without_sources(first) == _without_sources(second)


def _without_sources(folder):
    """The manifest apart from the state of the sources, which an editor may change between."""
    stored = json.loads((folder / "manifest.json").read_text())
    return {key: stored[key] for key in stored if key != "git"}


def test_writing_again_replaces_the_older_run_and_leaves_nothing_beside(tmp_path):
    recorder, records = recorder_and_records(tmp_path)
    recorder.record(records[0])
    recorder.write("complete")
    recorder.record(records[1])
    folder = recorder.write("complete")
    assert Results.load(folder).ticks == 2
    assert list(folder.parent.iterdir()) == [folder]


def test_part_of_a_run_never_replaces_a_complete_one_which_removes_the_part(tmp_path):
    recorder, records = recorder_and_records(tmp_path)
    recorder.record(records[0])
    folder = recorder.write("complete")
    partial = recorder.write("interrupted")
    assert partial == folder.with_name(f"{folder.name}.partial")
    assert Results.load(folder).status == "complete"
    assert Results.load(partial).status == "interrupted"
    recorder.write("complete")
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize("crash_at", [1, 2])
def test_a_crash_while_replacing_leaves_the_older_run_readable(tmp_path, monkeypatch, crash_at):
    recorder, records = recorder_and_records(tmp_path)
    recorder.record(records[0])
    folder = recorder.write("complete")
    recorder.record(records[1])
    original, calls = os.replace, []

    def crash(*paths):
        calls.append(paths)
        if len(calls) == crash_at:
            raise KeyboardInterrupt
        original(*paths)

    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        recorder.write("complete")
    monkeypatch.undo()
    assert Results.load(folder, verify=True).ticks == 1
    assert Results.load(recorder.write("complete")).ticks == 2


def test_the_exchange_rate_comes_back(small_run):
    assert Results.load(small_run).eur_per_ether == EUR_PER_ETHER
