import errno
import os
import threading
from pathlib import Path

import pytest
from synthetic_run import SyntheticRun

from p2p_cosim.core.errors import StorageError
from p2p_cosim.record import ParquetRecorder, Results, check_writable
from p2p_cosim.record.folder import hidden_sibling


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_found_at_once_and_named(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match=f"{tmp_path}/a/run: no space left on device; name"):
        check_writable(tmp_path / "a" / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_leaves_no_half_folder(tmp_path, monkeypatch):
    run = SyntheticRun(houses=2, ticks=1)
    recorder = ParquetRecorder(tmp_path, run.info)
    monkeypatch.setattr("p2p_cosim.record.recorder._write_text", full)
    with pytest.raises(StorageError, match="no space left"):
        recorder.write("complete")
    assert list(tmp_path.rglob("*.parquet")) == []
    monkeypatch.undo()
    assert Results.load(recorder.write("complete"), verify=True).ticks == 0


def test_names_are_unique_in_every_thread(tmp_path):
    names = []
    threads = [
        threading.Thread(
            target=lambda: names.extend(hidden_sibling(tmp_path / "run", "new") for _ in range(500))
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 2000
