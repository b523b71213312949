"""`docs` prints the pages that help and messages name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from p2p_cosim.cli import pages
from p2p_cosim.cli.commands.docs import docs
from p2p_cosim.core.errors import InputError

PACKAGE = Path(pages.__file__).parents[1]


def test_every_page_that_the_package_names_is_there() -> None:
    named = {
        name
        for file in PACKAGE.rglob("*.py")
        for name in re.findall(r"docs/([a-z0-9_/-]+)\.md", file.read_text(encoding="utf-8"))
    }
    assert len(named) > 10
    assert named <= set(pages.pages())


@pytest.mark.parametrize("name", ["control", "docs/control.md"])
def test_a_page_is_printed_by_either_name(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    docs(name)
    assert capsys.readouterr().out.startswith("# ")


def test_all_are_listed_with_their_titles(capsys: pytest.CaptureFixture[str]) -> None:
    docs()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(pages.pages())
    assert any(re.match(r"glossary +\S", line) for line in lines)


def test_an_unknown_page_is_told_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"no page 'contrl'; did you mean 'control'\?"):
        docs("contrl")


def test_a_copy_without_them_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pages, "_FOLDERS", (tmp_path / "docs",))
    with pytest.raises(InputError, match="docs/ is not there"):
        pages.pages()
