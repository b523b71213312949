"""Code in the documentation runs, and what it shows as output is its real output."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def _results_go_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")


def test_examples_of_plugins_run(tmp_path, monkeypatch):
    code = blocks(ROOT / "docs" / "extending.md", "python")
    namespace = {"__name__": "extending"}
    for block in code:
        exec(compile(block, "docs/extending.md", "exec"), namespace)  # noqa: S102 (our own page)
    assert len(code) == 4


def test_a_scenario_names_a_class_of_mine(tmp_path, monkeypatch):
    import p2p_cosim as p2p

    strategy = blocks(ROOT / "docs" / "extending.md", "python")[0].split("base =")[0]
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
