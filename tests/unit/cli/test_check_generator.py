"""`p2p-cosim check` says where the old generator of profiles is used, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2p_cosim.cli.inspect import check_scenario

SCENARIO = "name: street\nclock: {{ticks: 2}}\nhouses: {{count: 1, sites: [675.B]}}\n{more}\n"
OWN = "traders: {house_1: {load_kw: 1.0, pv_kw: 0}}"
SIMPLE = "profiles: {model: simple}"


@pytest.mark.parametrize(
    ("more", "told"), [(SIMPLE, True), ("", False), (f"{SIMPLE}\n{OWN}", False)]
)
def test_check_tells_who_rests_on_simple(
    more: str, told: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "street.yaml"
    file.write_text(SCENARIO.format(more=more))
    check_scenario(file)
    printed = capsys.readouterr().out
    assert ("profiles.model: simple is kept for one version" in printed) == told
    assert "fine" in printed
