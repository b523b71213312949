"""Code in the documentation runs, and what it shows as output is its real output."""

import ast
import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXTENDING = ROOT / "docs" / "extending.md"
SEAMS = [
    *("A strategy", "A forecaster", "A device", "A controller", "A detector"),
    *("A mechanism", "A feeder"),
]


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def _results_go_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")


def section(page, title):
    """A section's text, up to the next heading of its level."""
    return re.search(rf"^## {title}$(.*?)(?=^## |\Z)", page.read_text(), re.M | re.S).group(1)


def python_of(title):
    text = section(EXTENDING, title)
    return "\n".join(re.findall(r"^```python\n(.*?)^```", text, re.M | re.S))


@pytest.mark.parametrize("title", SEAMS)
def test_ten_lines_of_ones_own_run_from_an_empty_folder(title, tmp_path):
    """With the interpreter that `P2P_COSIM_PYTHON` names, if any: one with the installed wheel."""
    elsewhere = os.environ.get("P2P_COSIM_PYTHON")
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "mine.py").write_text(python_of(title))
    paths = {} if elsewhere else {"PYTHONPATH": str(ROOT)}
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | paths
    done = subprocess.run(
        [elsewhere or sys.executable, "mine.py"],
        cwd=empty,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_seam_of_the_page_is_tried():
    assert re.findall(r"^## (A .*)$", EXTENDING.read_text(), re.MULTILINE) == SEAMS


@pytest.mark.parametrize("title", SEAMS)
def test_what_one_writes_is_short(title):
    """Ten lines or so between the imports and the check, without blank lines and docstrings."""
    own = python_of(title).split("p2p.testing.")[0]
    tree = ast.parse(own)
    wanted = (ast.ClassDef, ast.FunctionDef)
    lines = sum(node.end_lineno - node.lineno + 1 for node in tree.body if isinstance(node, wanted))
    assert lines <= 16


def test_a_scenario_names_a_class_of_mine(tmp_path, monkeypatch):
    import p2p_cosim as p2p

    strategy = python_of("A strategy").split("p2p.testing.")[0]
    (tmp_path / "my_strategies.py").write_text(strategy)
    monkeypatch.syspath_prepend(tmp_path)
    named = p2p.load("scenarios/three_houses.yaml").replace(
        {"market.strategy": "my_strategies:FollowTheMarket", "traders": {}, "pv_share": 0.5}
    )
    run = p2p.run(named)
    assert run.scenario["market"]["strategy"] == "my_strategies:FollowTheMarket"
    assert len(run.orders) > 0


def test_the_readme_shows_real_output():
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner()
    text = "\n".join(blocks(ROOT / "README.md", "pycon"))
    test = parser.get_doctest(text, {}, "README.md", "README.md", 0)
    result = runner.run(test)
    assert result.attempted >= 10
    assert result.failed == 0


def test_the_example_of_a_chain_runs():
    (code,) = blocks(ROOT / "docs" / "chains.md", "python")
    exec(compile(code, "docs/chains.md", "exec"), {})  # noqa: S102 (our own page)


def test_the_page_for_people_who_know_mesa_runs():
    namespace = {}
    code = blocks(ROOT / "docs" / "mesa.md", "python")
    for block in code:
        exec(compile(block, "docs/mesa.md", "exec"), namespace)  # noqa: S102 (our own page)
    assert len(code) == 4


def test_the_page_on_sweeps_runs():
    namespace = {}
    for block in blocks(ROOT / "docs" / "sweeps.md", "python"):
        exec(compile(block, "docs/sweeps.md", "exec"), namespace)  # noqa: S102 (our own page)
    assert len(namespace["table"]) == 4
    assert set(namespace["by_share"].columns) == {"pv_share", "kwh"}
