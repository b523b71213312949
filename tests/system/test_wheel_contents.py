"""The wheel holds every file of the package, and examples, pages and the citation where they are
looked for. Published studies are not in it; `p2p-cosim reproduce` says so."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = "import setuptools.build_meta as b, sys; b.build_wheel(sys.argv[1])"


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    source = tmp_path_factory.mktemp("source")  # a build in the checkout would leave folders there
    for file in (
        "pyproject.toml",
        "setup.py",
        "MANIFEST.in",
        "README.md",
        "LICENSE",
        "CITATION.cff",
    ):
        shutil.copy(ROOT / file, source)
    for folder in ("p2p_cosim", "scenarios", "docs"):
        unwanted = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, source / folder, ignore=unwanted)
    dist = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-c", BUILD, str(dist)], cwd=source, check=True)
    (wheel,) = dist.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def _files(folder: Path) -> set[Path]:
    return {
        file.relative_to(folder)
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def test_every_file_of_the_package_is_in_the_wheel(names: set[str]) -> None:
    expected = {f"p2p_cosim/{file.as_posix()}" for file in _files(ROOT / "p2p_cosim")}
    assert expected <= names


def test_the_examples_stand_beside_the_module_that_finds_them(names: set[str]) -> None:
    expected = {f"p2p_cosim/scenario/examples/{f.as_posix()}" for f in _files(ROOT / "scenarios")}
    assert expected <= names


def test_the_pages_stand_beside_the_command_that_prints_them(names: set[str]) -> None:
    expected = {f"p2p_cosim/cli/docs/{f.as_posix()}" for f in _files(ROOT / "docs")}
    assert {name for name in expected if name.endswith(".md")} <= names


def test_the_citation_stands_beside_the_command_that_prints_it(names: set[str]) -> None:
    assert "p2p_cosim/cli/CITATION.cff" in names
