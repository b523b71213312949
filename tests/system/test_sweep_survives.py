"""A sweep whose processes are killed ends with the same bytes as one that nobody touched."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from p2p_cosim.sweeps import Settings, gather, load_sweep, run_here

SWEEP = """
base: trading_day
fields:
  houses.count: 2
  clock.ticks: 2
  clock.start: 2024-06-21 11:00
  pv_share: [0.0, 0.5, 1.0]
seeds: 2
"""
PATIENCE_S = 240


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("sweep") / "killed.yaml"
    path.write_text(SWEEP)
    return path


@pytest.fixture(scope="module")
def undisturbed(file, tmp_path_factory):
    plan, settings = load_sweep(file).plan, Settings(tmp_path_factory.mktemp("undisturbed"))
    for index in range(len(plan.runs)):
        run_here(plan, index, settings)
    return gather(plan, settings)


def begin(file, out):
    command = [sys.executable, "-m", "p2p_cosim", "sweep", str(file), "--out", str(out)]
    return subprocess.Popen([*command, "--workers", "2"], stdout=subprocess.PIPE, text=True)


def complete_runs(out):
    return {path.parent.name for path in Path(out).glob("trading_day/[!.]*/manifest.json")}


def children_of(pid):
    files = Path(f"/proc/{pid}/task").glob("*/children")
    return {int(child) for file in files for child in file.read_text().split()}


def workers_of(process):
    """Workers are forks of the one process that the sweep has started."""
    return {worker for nursery in children_of(process.pid) for worker in children_of(nursery)}


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def same(out, undisturbed):
    table = Path(out) / undisturbed.folder.name / "table.csv"
    assert table.read_bytes() == (undisturbed.folder / "table.csv").read_bytes()
    assert complete_runs(out) == {run.run_id for run in undisturbed.runs}


def test_killed_and_run_again_it_ends_with_the_same_table(file, undisturbed, tmp_path):
    driver = begin(file, tmp_path)
    until(lambda: complete_runs(tmp_path))
    workers = workers_of(driver)
    driver.kill()
    driver.communicate()
    assert len(workers) == 2
    until(lambda: not any(is_running(pid) for pid in workers))
    done = {path: path.stat().st_mtime_ns for path in tmp_path.glob("trading_day/[!.]*/*.json")}
    assert done

    driver = begin(file, tmp_path)
    until(lambda: len(workers_of(driver)) == 2)
    for pid in workers_of(driver) | children_of(driver.pid):  # the process they come from, too
        os.kill(pid, signal.SIGKILL)
    printed, _ = driver.communicate(timeout=PATIENCE_S)
    assert driver.returncode == 0
    assert "6 of 6 runs are complete" in printed
    assert {path: path.stat().st_mtime_ns for path in done} == done  # none was run twice
    same(tmp_path, undisturbed)


def test_sigterm_keeps_what_is_done(file, undisturbed, tmp_path):
    driver = begin(file, tmp_path)
    until(lambda: complete_runs(tmp_path))
    driver.terminate()
    driver.communicate(timeout=PATIENCE_S)
    before = complete_runs(tmp_path)
    assert driver.returncode in (143, 0)  # 0 if the last run ended in the same moment
    assert before <= {run.run_id for run in undisturbed.runs}
