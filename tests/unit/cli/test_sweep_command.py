import json
import sys

import pytest

from p2p_cosim.cli.app import main

SWEEP = """
base: trading_day
fields: {houses.count: 2, clock.ticks: 1, clock.start: 2024-06-21 11:00, pv_share: [0.5, 1.0]}
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("sweep") / "tiny.yaml"
    path.write_text(SWEEP)
    return path


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("out")


def command(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["p2p-cosim", "sweep", *map(str, arguments)])
    with pytest.raises(SystemExit) as left:
        main()
    return left.value.code


def test_a_single_run_of_an_array(file, out, monkeypatch, capsys):
    assert command(monkeypatch, file, "--out", out, "--index", 1) == 0
    assert "run 1 (pv_share=1.0, seed=1) complete in" in capsys.readouterr().err
    assert command(monkeypatch, file, "--out", out, "--index", 1) == 0
    assert "is complete already" in capsys.readouterr().err
    assert command(monkeypatch, file, "--out", out, "--index", 2) == 2
    assert "the sweep has runs 0 to 1" in capsys.readouterr().err


def test_an_estimate_then_the_sweep(file, out, monkeypatch, capsys):
    command(monkeypatch, file, "--out", out, "--index", 1)
    assert command(monkeypatch, file, "--out", out, "--dry-run", "--workers", 1) == 0
    told = capsys.readouterr().out
    assert "2 runs: 2 arms of pv_share, 1 seed" in told
    assert "run 0 (pv_share=0.5, seed=1) took" in told
    assert command(monkeypatch, file, "--out", out, "--json") == 0
    captured = capsys.readouterr()
    assert "2 are complete already" in captured.err
    told = json.loads(captured.out)
    assert (told["runs"], told["complete"], told["failed"]) == (2, 2, [])


def test_a_wrong_file_is_exit_code_2(tmp_path, monkeypatch, capsys):
    (tmp_path / "wrong.yaml").write_text("base: trading_day\nfields: {pv_shre: [1]}\n")
    assert command(monkeypatch, tmp_path / "wrong.yaml", "--out", tmp_path / "out") == 2
    assert "did you mean 'pv_share'?" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_runs_that_fail_are_exit_code_1(file, tmp_path, monkeypatch, capsys):
    (tmp_path / "failing_in_cli.py").write_text(
        "class Fails:\n    def quote(self, view, rng):\n        raise RuntimeError('oops')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    changes = ("--set", "strategy=failing_in_cli:Fails", "--workers", 1)
    assert command(monkeypatch, file, "--out", tmp_path / "out", *changes) == 1
    assert "all 2 runs of tiny failed" in capsys.readouterr().err
