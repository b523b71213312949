"""Every file in tests/bad_scenarios is refused with exactly the message beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2p_cosim.core.errors import ScenarioError
from p2p_cosim.scenario import load

FOLDER = Path(__file__).parents[2] / "bad_scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 20


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_message(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    with pytest.raises(ScenarioError) as caught:
        load(file.name)
    message = str(caught.value).replace(str(FOLDER.resolve()), "<folder>")
    assert message + "\n" == file.with_suffix(".txt").read_text(encoding="utf-8")
