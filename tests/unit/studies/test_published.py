"""A study of two short runs, stored, checked, and spoiled in every way."""

import json
import shutil

import pytest

import p2p_cosim as p2p
from p2p_cosim.cli.commands.reproduce import reproduce
from p2p_cosim.cli.reproduce import Command
from p2p_cosim.core.errors import InputError
from p2p_cosim.studies import published
from p2p_cosim.sweeps import Settings

STUDY = """
question: Does it work?
columns: [orders, total_gas, worst_v_pu, worst_v_house]
sample: 1
sample_seed: 3
tolerance: 1e-9
figure: {draw: sweep_line, x: pv_share, figure: worst_v_pu}
"""
SWEEP = """
base: trading_day
fields: {houses.count: 2, clock.ticks: 1, clock.start: 2024-06-21 11:00, pv_share: [0.5, 1.0]}
"""
PAGE = """# Studies

<!-- verdicts: written by the command -->
<!-- end of verdicts -->

After.
"""


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def written(tmp_path_factory, out):
    study = tmp_path_factory.mktemp("published") / "small"
    (study / "sweeps").mkdir(parents=True)
    (study / "study.yaml").write_text(STUDY)
    (study / "sweeps" / "small.yaml").write_text(SWEEP)
    (study.parent / "README.md").write_text(PAGE)
    for run in published.studies(study.parent)[0].sweeps[0].plan.runs:
        p2p.run(run.scenario, out=out / "small")  # so that no worker has to start
    Command(study.parent, "all", out, 1).write()
    return study


@pytest.fixture
def folder(tmp_path, written):
    shutil.copytree(written.parent, tmp_path / "published")
    return tmp_path / "published" / "small"


def check(folder, out, **options):
    arguments = {"whole": False, "run": True} | options
    Command(folder.parent, "all", out, 1).check(**arguments)


def fails(folder, out, capsys, **options):
    with pytest.raises(Exception) as left:  # noqa: PT011 (typer's Exit is an exception)
        check(folder, out, **options)
    assert left.value.exit_code == 1
    captured = capsys.readouterr()
    assert "not reproduced: small" in captured.err
    return captured.out


def test_what_was_stored_holds(folder, out, capsys):
    check(folder, out)
    assert "small holds (1 runs of 2 compared)" in capsys.readouterr().out
    check(folder, out, whole=True)
    told = capsys.readouterr().out
    assert "small holds (every run of 2 compared)" in told
    assert "0.00% from the stored one" in told
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    Command(folder.parent, "small", out, 1).write()
    assert before == {file: file.read_bytes() for file in before}


def test_one_changed_number_is_told_by_checksum(folder, out, capsys):
    file = folder / "table.csv"
    file.write_text(file.read_text().replace("house_", "hause_", 1))
    assert "table.csv is not as published" in fails(folder, out, capsys, run=False)


def test_one_changed_number_is_told_by_the_run_though_checksums_were_made_anew(folder, out, capsys):
    study = published.studies(folder.parent)[0]
    table = published.read_table(study)
    table["total_gas"] += 1
    store_table(folder, study, table)
    told = fails(folder, out, capsys)
    assert "total_gas: " in told
    assert "small DOES NOT HOLD" in told


def store_table(folder, study, table):
    table.to_csv(folder / "table.csv")
    (folder / "sha256.json").write_text(json.dumps(study.digests()))


def test_columns_and_rows_that_come_and_go_are_told(folder, out, capsys):
    study = published.studies(folder.parent)[0]
    table = published.read_table(study).drop(columns="orders").assign(more=1)
    store_table(folder, study, table)
    told = fails(folder, out, capsys)
    assert "lacks the column orders" in told
    assert "has a column more more" in told
    store_table(folder, study, published.read_table(study).drop(index=0))
    assert "the stored table has 1 rows, the study 2" in fails(folder, out, capsys, whole=True)


def test_files_that_come_and_go_are_told(folder, out, capsys):
    (folder / "more.txt").write_text("")
    (folder / "figure.png").unlink()
    told = fails(folder, out, capsys, run=False)
    assert "more.txt was not published" in told
    assert "figure.png is not there" in told


@pytest.mark.parametrize("text", [None, "{", "[]"])
def test_checksums_that_are_gone_or_none_are_told_in_one_line(folder, out, capsys, text):
    (folder / "sha256.json").unlink()
    if text is not None:
        (folder / "sha256.json").write_text(text)
    told = fails(folder, out, capsys, run=False)
    assert "small: sha256.json is not there, or is none: take it from the repository" in told
    assert "was not published" not in told


def test_a_study_or_verdicts_that_cannot_be_read_are_told(folder):
    (folder / "study.yaml").write_text(STUDY.replace("sample: 1", "sample: many"))
    with pytest.raises(InputError, match=r"study\.yaml has a value that does not fit: .*'many'"):
        published.studies(folder.parent)
    (folder / "study.yaml").write_text("a: [")
    with pytest.raises(InputError, match=r"study\.yaml cannot be read: line 1"):
        published.studies(folder.parent)
    for text in ("{", '{"small": {"a": 1}}', "[]"):
        (folder.parent / "verdicts.json").write_text(text)
        with pytest.raises(InputError, match="holds no verdicts"):
            published.read_verdicts(folder.parent)


def test_another_scenario_behind_it_is_told(folder, out, capsys):
    sweep = folder / "sweeps" / "small.yaml"
    sweep.write_text(SWEEP.replace("trading_day", "measured_day").replace("pv_share", "market.k"))
    told = fails(folder, out, capsys, run=False)
    assert "the scenario of small resolves to another" in told


def test_the_sample_is_drawn_by_seed(folder):
    study = published.studies(folder.parent)[0]
    assert published.sample(study) == published.sample(study)
    assert len(published.sample(study)) == 1


def test_date_and_verdict_of_a_whole_run_stand_in_the_page(folder, out, capsys):
    page = folder.parent / "README.md"
    begun = page.read_text()
    assert begun.endswith("After.\n")
    check(folder, out, whole=True)
    assert page.read_text() == begun  # a reader's check writes nothing
    study = published.studies(folder.parent)[0]
    table = published.read_table(study)
    table["total_gas"] += 1
    store_table(folder, study, table)
    fails(folder, out, capsys, whole=True, note=True)
    verdict = published.read_verdicts(folder.parent)["small"]
    assert (verdict.runs, verdict.holds) == (2, False)
    assert f"| [small](small/README.md) | 2 | not measured | {verdict.date} |" in page.read_text()
    assert "**does not hold**" in page.read_text()
    page.write_text("nothing to write between")
    with pytest.raises(InputError, match="lacks the lines"):
        published.note(folder.parent, {})


def test_what_excludes_each_other_is_refused(folder):
    with pytest.raises(InputError, match="exclude each other"):
        reproduce(published=folder.parent, whole=True, write=True)
    with pytest.raises(InputError, match="give --whole with it"):
        reproduce(published=folder.parent, note=True)


def test_a_study_that_is_not_there_is_named(folder):
    with pytest.raises(InputError, match="did you mean 'small'"):
        published.studies(folder.parent, "smal")
    (folder / "study.yaml").write_text(STUDY.replace("sample: 1", "sample: 3"))
    with pytest.raises(InputError, match="sample 3 is not from 1 to its 2 runs"):
        published.studies(folder.parent)
    (folder / "study.yaml").write_text("question: x\n")
    with pytest.raises(InputError, match="lacks 'columns'"):
        published.studies(folder.parent)
    with pytest.raises(InputError, match="part of the repository"):
        published.studies(folder)


def test_a_run_that_fails_is_told(folder, out):
    study = published.studies(folder.parent)[0]
    with pytest.raises(InputError, match=r"small: run 0 .*over memory"):
        published.run_rows(study, Settings(out, 1, again=True, memory_mb=1.0))
