"""A run is written day by day: none is lost, none is there twice, and memory stays flat."""

import gc
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from synthetic_run import SyntheticRun, recorder_and_records

from p2p_cosim.record import ParquetRecorder, Results, kept, schema
from p2p_cosim.record import recorder as recorder_module

SCRIPT = Path(__file__).parents[2] / "support" / "synthetic_run.py"


def day_by_day(out_dir, days, houses=2):
    """A recorder of synthetic days, and what was recorded: the first day again and again."""
    run = SyntheticRun(houses, ticks=96)
    clock = replace(run.info.clock, ticks=96 * days)
    day = [replace(record, tap_moves=(), grid=fixed_taps(record.grid)) for record in run.records()]
    recorder = ParquetRecorder(out_dir, replace(run.info, clock=clock))
    for tick in range(96 * days):
        recorder.record(replace(day[tick % 96], tick=tick))
    return recorder


def fixed_taps(grid):
    return replace(grid, taps=(9, 6, 9))


def test_every_day_is_a_row_group_and_nothing_is_left_beside(tmp_path):
    recorder = day_by_day(tmp_path, days=3)
    assert len(recorder.kept.parts) == 2  # the third day is in memory
    folder = recorder.write("complete")
    stored = pq.ParquetFile(folder / "voltages.parquet")
    assert [stored.metadata.row_group(i).num_rows for i in range(3)] == [192, 192, 192]
    run = Results.load(folder, verify=True)
    assert run.voltages["tick"].drop_duplicates().tolist() == list(range(288))
    assert len(run.taps) == 3
    running = Results.of_recorder(recorder)
    for name in schema.TABLES:
        pd.testing.assert_frame_equal(running.table(name), run.table(name))
        assert len(run.table(name)) == run.manifest["rows"][name]
    del recorder, running
    gc.collect()
    assert list(folder.parent.iterdir()) == [folder]


def test_a_day_that_was_cut_short_on_its_way_to_disk_is_written_once(tmp_path, monkeypatch):
    recorder = day_by_day(tmp_path, days=1)
    (record, *_) = SyntheticRun(2, ticks=1).records()
    added = replace(record, tick=96, tap_moves=(), grid=fixed_taps(record.grid))
    original, calls = kept.arrow_table, []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return original(*arguments)

    monkeypatch.setattr(kept, "arrow_table", interrupted)
    with pytest.raises(KeyboardInterrupt):
        recorder.record(added)
    monkeypatch.undo()
    recorder.record(added)
    run = Results.load(recorder.write("interrupted"))
    assert run.market["tick"].tolist() == list(range(97))


def test_a_tick_that_was_cut_short_leaves_nothing(tmp_path, monkeypatch):
    recorder, (first, second, third) = recorder_and_records(tmp_path / "cut")
    recorder.record(first)
    original, calls = recorder_module.extend, []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return original(*arguments)

    monkeypatch.setattr(recorder_module, "extend", interrupted)
    with pytest.raises(KeyboardInterrupt):
        recorder.record(second)
    monkeypatch.undo()
    cut = Results.load(recorder.write("interrupted"))
    assert {cut.ticks, *cut.orders["tick"] + 1, *cut.voltages["tick"] + 1} == {1}
    whole, _ = recorder_and_records(tmp_path / "whole")
    for record in (second, third):
        recorder.record(record)
    for record in (first, second, third):
        whole.record(record)
    cut, whole = (Results.load(each.write("complete")) for each in (recorder, whole))
    assert cut.manifest["sha256"] == whole.manifest["sha256"]


MEMORY = """
import sys
sys.path.insert(0, {tests!r})
from test_recorder_by_day import day_by_day
from pathlib import Path
from p2p_cosim.record import Results
recorder = day_by_day(Path({out!r}), {days}, houses=30)
summary = Results.load(recorder.write("complete")).summary()
assert summary.orders > 1000 * {days}, summary
# Of this program alone: getrusage counts what ran in the process before it too.
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


def test_memory_does_not_grow_with_the_run(tmp_path):
    """Recorded, written and summed up: 70 days need at most 5 % more than 7."""
    peaks = {}
    for days in (7, 70):
        code = MEMORY.format(tests=str(Path(__file__).parent), out=str(tmp_path), days=days)
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SCRIPT.parent), *sys.path])},
            capture_output=True,
            text=True,
            check=True,
        )
        peaks[days] = int(done.stdout)
    assert peaks[70] <= 1.05 * peaks[7], peaks
