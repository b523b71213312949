"""A run that has been run is found, told and not run again; anything else is."""

from pathlib import Path

import pytest

import p2p_cosim as p2p
from p2p_cosim.core.types import OutsideInput
from p2p_cosim.running import found

SHORT = {"houses.count": 2, "clock.ticks": 2, "clock.start": "2024-06-21 11:00"}


class Counts:
    """Writes down that it was asked where its fingerprint does not see it."""

    def __init__(self, file):
        self.file = str(file)

    def quote(self, view, rng):
        with Path(self.file).open("a") as file:
            file.write(f"{view.tick}\n")
        return []


@pytest.fixture(scope="module")
def base():
    return p2p.load("trading_day").replace(SHORT)


@pytest.fixture(scope="module")
def made(base, tmp_path_factory):
    """The run, done, and the folder it is in."""
    out = tmp_path_factory.mktemp("made")
    return p2p.run(base, seed=3, out=out), out


def stamp(run):
    return (run.path / "manifest.json").stat().st_mtime_ns


def test_it_is_not_run_again_and_a_line_says_so(base, made, capsys):
    run, out = made
    before = stamp(run)
    same = p2p.run(base, seed=3, out=out)
    assert (same.path, stamp(run)) == (run.path, before)
    told = capsys.readouterr().err
    assert f"trading_day with seed 3 has been run: {run.path}" in told
    assert "again=True runs it again" in told
    assert same.market.equals(run.market)


def test_again_and_a_wish_to_see_every_tick_run_it(base, made, capsys):
    run, out = made
    sums, ticks = run.manifest["sha256"], []
    for given in ({"again": True}, {"on_tick": lambda record: ticks.append(record.tick)}):
        before = stamp(run)
        assert p2p.run(base, seed=3, out=out, **given).manifest["sha256"] == sums
        assert stamp(run) != before
    assert ticks == [0, 1]
    assert capsys.readouterr().err == ""


def test_another_seed_object_or_folder_is_another_run(base, made, tmp_path):
    run, out = made
    assert p2p.run(base, seed=4, out=out).path != run.path
    assert p2p.run(base, seed=3, out=tmp_path).path != run.path
    assert p2p.run(base, seed=3, out=out, strategy=Counts(tmp_path / "asked")).path != run.path


def test_objects_that_were_not_called_are_told(base, tmp_path, capsys):
    asked = tmp_path / "asked"
    p2p.run(base, out=tmp_path, strategy=Counts(asked))
    asked.unlink()
    p2p.run(base, out=tmp_path, strategy=Counts(asked))
    assert not asked.exists()
    assert "The objects given were not called." in capsys.readouterr().err
    p2p.run(base, out=tmp_path, strategy=Counts(asked), again=True)
    assert set(asked.read_text().split()) == {"0", "1"}


def test_part_of_a_run_a_touched_and_a_damaged_one_are_not_taken_for_it(base, tmp_path):
    with p2p.Simulation(base, out=tmp_path) as sim:
        sim.step()
        partial = sim.results()
    with p2p.Simulation(base, out=tmp_path) as sim:
        sim.took(OutsideInput(0, "transaction", {"value_wei": 1}))
        while not sim.done:
            sim.step()
        touched = sim.results()
    assert found(base, tmp_path) is None
    run = p2p.run(base, out=tmp_path)
    assert run.status == "complete"
    assert len({partial.path, touched.path, run.path}) == 3
    trades = run.path / "trades.parquet"
    whole = trades.read_bytes()
    trades.write_bytes(whole + b" ")
    assert found(base, tmp_path) is None
    assert p2p.run(base, out=tmp_path).path == run.path
    assert trades.read_bytes() == whole


@pytest.mark.parametrize(
    "changes",
    [
        {"notify.sink": "jsonl"},
        {"chain.backend": "jsonrpc", "chain.url": "http://127.0.0.1:1"},
    ],
)
def test_what_does_more_than_leave_a_folder_is_never_found(base, made, changes, monkeypatch):
    run, out = made
    monkeypatch.setattr("p2p_cosim.running.finished_run", lambda *_: run)
    assert found(base, out) is run
    assert found(base.replace(changes), out) is None
