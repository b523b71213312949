"""Notebooks are kept without outputs, and every exercise has a check and a solution.

`make test-notebooks` executes them.
"""

import ast
import json
import re
from pathlib import Path

import pytest

import p2p_cosim as p2p

ROOT = Path(__file__).parents[2]
BOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLUTIONS = Path(__file__).parent / "solutions"


def cells(book):
    return json.loads(book.read_text(encoding="utf-8"))["cells"]


def tagged(book, tag):
    found = [cell for cell in cells(book) if tag in cell["metadata"].get("tags", [])]
    return ["".join(cell["source"]) for cell in found]


def test_there_are_notebooks_and_each_has_its_solutions():
    assert len(BOOKS) == 11
    assert [book.stem for book in BOOKS] == sorted(file.stem for file in SOLUTIONS.glob("*.py"))


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("docs/notebooks.md", r"\]\(\.\./notebooks/(\w+)\.ipynb\)"),
        ("mkdocs.yml", r"notebooks/(\w+)\.md"),
    ],
)
def test_all_are_listed_in_order(page, link):
    listed = re.findall(link, (ROOT / page).read_text(encoding="utf-8"))
    assert listed == [book.stem for book in BOOKS]


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem)
class TestBook:
    def test_nothing_of_a_run_is_kept(self, book):
        for cell in cells(book):
            assert set(cell["metadata"]) <= {"tags"}
            if cell["cell_type"] == "code":
                assert (cell["outputs"], cell["execution_count"]) == ([], None)

    def test_the_first_cell_installs_what_is_missing(self, book):
        first = next(cell for cell in cells(book) if cell["cell_type"] == "code")
        source = "".join(first["source"])
        assert "except ModuleNotFoundError" in source
        assert "%pip install" in source

    def test_every_exercise_ends_with_a_public_check_and_has_a_solution(self, book):
        exercises, checks = tagged(book, "exercise"), tagged(book, "check")
        solution = (SOLUTIONS / f"{book.stem}.py").read_text(encoding="utf-8")
        ast.parse(solution)
        assert len(exercises) == len(checks) == len(re.findall(r"^# %% exercise", solution, re.M))
        assert checks
        for check in checks:
            called = re.findall(r"p2p\.testing\.(check_\w+)\(", check)
            assert called
            assert set(called) <= set(p2p.testing.__all__)
