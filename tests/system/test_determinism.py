"""The same seed gives the same bytes, whatever the process; another seed does not."""

import json
import os
import subprocess
import sys

import pytest

import p2p_cosim as p2p

DAY = {
    "clock.ticks": 12,
    "clock.start": "2024-06-21 10:00",
    "houses.count": 8,
    "feeder.spot_loads.bid": True,
}


def run_in_a_new_process(out, seed, hash_seed):
    """Table digests of a short run, made by the command line in a process of its own."""
    changes = [part for field, value in DAY.items() for part in ("--set", f"{field}={value}")]
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from p2p_cosim.cli import main; main()"),
            *("run", "scenarios/trading_day.yaml", "--json"),
            *("--seed", str(seed), "--out", str(out), *changes),
        ],
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        text=True,
        check=True,
    )
    return p2p.Results.load(json.loads(done.stdout)["folder"]).manifest


@pytest.fixture(scope="module")
def manifests(tmp_path_factory):
    return {
        name: run_in_a_new_process(tmp_path_factory.mktemp(name), seed, hash_seed)
        for name, seed, hash_seed in (("first", 7, 1), ("again", 7, 2), ("other", 8, 1))
    }


def test_same_seed_same_bytes_in_two_processes(manifests):
    first, again = manifests["first"], manifests["again"]
    assert (first["run_id"], first["sha256"]) == (again["run_id"], again["sha256"])
    assert len(first["sha256"]) > 8


def test_another_seed_is_another_run(manifests):
    first, other = manifests["first"], manifests["other"]
    assert first["run_id"] != other["run_id"]
    for table in ("orders", "trades", "voltages", "households"):
        assert first["sha256"][f"{table}.parquet"] != other["sha256"][f"{table}.parquet"]


def test_twice_in_one_process_gives_what_a_new_process_gives(manifests, tmp_path):
    scenario = p2p.load("scenarios/trading_day.yaml").replace(DAY)
    for out in (tmp_path / "one", tmp_path / "two"):
        again = p2p.run(scenario, seed=7, out=out)
        assert again.manifest["sha256"] == manifests["first"]["sha256"]
