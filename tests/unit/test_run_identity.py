import importlib
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import OutsideInput
from p2p_cosim.grid.dss.files import files_of
from p2p_cosim.run_identity import finished_run, other_versions, run_identity
from p2p_cosim.strategies import FixedPrice

SHORT = {"houses.count": 2, "clock.ticks": 1, "clock.start": "2024-06-21 11:00"}
SCENARIOS = Path("scenarios")


@pytest.fixture(scope="module")
def base():
    return p2p.load("scenarios/trading_day.yaml").replace(SHORT)


class Mine:
    def __init__(self, price):
        self.price = price

    def quote(self, view, rng):
        return []


def test_it_is_known_before_the_run_and_names_its_folder(base, tmp_path):
    identity = run_identity(base, {"strategy": Mine(6)})
    run = p2p.run(base, out=tmp_path, strategy=Mine(6))
    assert run.path == tmp_path / "trading_day" / identity.run_id
    assert run.manifest["identity"] == identity.as_dict()
    assert list(run.manifest["plugins"]) == ["strategy"]
    assert "Mine sha256:" in run.manifest["plugins"]["strategy"]
    assert p2p.run(base, out=tmp_path, strategy=Mine(9)).path != run.path
    assert p2p.run(base, out=tmp_path).manifest["plugins"] == {}


def test_every_part_makes_another_run(base):
    identity = run_identity(base)
    others = [
        replace(identity, **{name: value})
        for name, value in (
            ("seed", 99),
            ("scenario_sha256", "x"),
            ("files", {"a.csv": "x"}),
            ("plugins", {"strategy": "x"}),
            ("code_version", "x"),
            ("bytecode_hash", "x"),
            ("engines", {"numpy": "0"}),
        )
    ]
    assert len({identity.run_id, *(other.run_id for other in others)}) == 8
    contents = [other.content_sha256 == identity.content_sha256 for other in others]
    assert contents == [True, False, False, False, True, True, True]
    assert run_identity(base.replace(seed=99)).content_sha256 != identity.content_sha256


def test_it_is_cheap_enough_for_a_sweep(base):
    plugin = FixedPrice(1, 2)
    run_identity(base, {"strategy": plugin})
    times = []
    for seed in range(20):
        scenario = base.replace(seed=seed)
        begin = time.thread_time()
        run_identity(scenario, {"strategy": plugin})
        times.append(time.thread_time() - begin)
    assert sorted(times)[10] < 0.010


def test_every_file_of_a_feeder_counts(tmp_path):
    folder = tmp_path.resolve() / "street"
    (folder / "wires").mkdir(parents=True)
    master = folder / "master.dss"
    master.write_text(
        "clear\nnew circuit.street\nset voltagebases=[0.4]\nredirect wires/lines.dss\n"
        "buscoords places.csv\n"
    )
    (folder / "wires" / "lines.dss").write_text("! nothing yet\n")
    (folder / "places.csv").write_text("a, 1, 2\n")
    names = [file.relative_to(folder).as_posix() for file in files_of(master, folder)]
    assert names == ["master.dss", "wires/lines.dss", "places.csv"]
    (folder / "wires" / "more.dss").write_text("! more\n")
    (folder / "wires" / "lines.dss").write_text("redirect more.dss\n")
    assert len(files_of(master, folder)) == 4


def test_a_measured_file_counts(tmp_path):
    for file in SCENARIOS.rglob("*"):
        if file.is_file() and file.suffix in (".yaml", ".csv"):
            target = tmp_path / file.relative_to(SCENARIOS)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    scenario = p2p.load(tmp_path / "measured_day.yaml")
    before = run_identity(scenario)
    (name,) = before.files
    with (tmp_path / name).open("a") as file:
        file.write("\n")
    after = run_identity(scenario)
    assert (after.files != before.files, after.run_id != before.run_id) == (True, True)


def test_a_class_that_the_scenario_names_counts(base, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    found = []
    for price in (6, 9):
        text = (
            f"class Mine:\n    def quote(self, view, rng):\n        return [{price}]\n#"
            + "#" * price
        )
        (tmp_path / "mine_to_edit.py").write_text(text)
        importlib.invalidate_caches()
        sys.modules.pop("mine_to_edit", None)
        found.append(run_identity(base.replace(strategy="mine_to_edit:Mine")))
    assert found[0].run_id != found[1].run_id
    assert list(found[0].plugins) == ["market.strategy"]
    with pytest.raises(InputError, match="'mine_to_edit:Nothing' cannot be imported"):
        run_identity(base.replace(strategy="mine_to_edit:Nothing"))


def test_a_finished_run_is_found_and_no_other(base, tmp_path):
    identity = run_identity(base)
    assert finished_run(identity, tmp_path) is None
    run = p2p.run(base, out=tmp_path)
    assert finished_run(identity, tmp_path).path == run.path
    assert finished_run(run_identity(base, {"strategy": Mine(1)}), tmp_path) is None
    (run.path / "trades.parquet").write_bytes(b"damaged")
    assert finished_run(identity, tmp_path) is None


def test_part_of_a_run_is_not_finished(base, tmp_path):
    p2p.Simulation(base, out=tmp_path).results()
    assert finished_run(run_identity(base), tmp_path) is None


def test_a_run_touched_from_outside_is_another(base, tmp_path):
    simulation = p2p.Simulation(base, out=tmp_path)
    simulation.took(OutsideInput(0, "transaction", {"value_wei": 1}))
    simulation.step()
    touched = simulation.results()
    identity = run_identity(base)
    assert touched.manifest["run_id"] == touched.path.name != identity.run_id
    assert touched.manifest["outside_inputs"] == 1
    assert (touched.path / "outside.jsonl").read_text().count("\n") == 1
    assert "outside.jsonl" in touched.manifest["sha256"]
    assert finished_run(identity, tmp_path) is None


def test_a_run_of_another_version_is_named(base, tmp_path):
    run = p2p.run(base, out=tmp_path)
    identity = run_identity(base)
    assert other_versions(identity, tmp_path) == ()
    newer = replace(identity, code_version="ab" * 32, engines={**identity.engines, "numpy": "9.9"})
    (sentence,) = other_versions(newer, tmp_path)
    old = identity.code_version[:12]
    assert sentence.startswith(f"{run.path} holds this run, made with p2p_cosim's code {old} inst")
    assert f"numpy {identity.engines['numpy']} instead of 9.9" in sentence
    assert other_versions(run_identity(base.replace(seed=5)), tmp_path) == ()
