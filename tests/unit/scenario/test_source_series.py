"""The voltage at the head from a file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.errors import ScenarioError
from p2p_cosim.scenario import Scenario
from p2p_cosim.scenario.profiles.head import read_source_v_pu

CLOCK = Clock(datetime(2024, 6, 21), 900, 3)


def _read(folder: Path, *rows: str) -> list[float]:
    file = folder / "head.csv"
    file.write_text("\n".join(["timestamp,v_pu", *rows]))
    return [round(v, 9) for v in read_source_v_pu(file, CLOCK).tolist()]


def test_a_value_holds_until_the_next(tmp_path: Path) -> None:
    rows = ("2024-06-20 23:00,0.99", "2024-06-21 00:05,1.02", "2024-06-21 00:30,1.01")
    assert _read(tmp_path, *rows) == [1.01, 1.02, 1.01]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (("2024-06-21 00:05,1.0",), "is not covered"),
        (("2024-06-21 00:00,1.0", "2024-06-21 00:05,1.0"), "is not covered"),
        ((), "is not covered"),
        (("2024-06-21 00:00,240",), r"line 2 \(240\): outside 0.8 to 1.2 pu"),
        (("2024-06-21 00:00,1.0", "2024-06-20 00:00,1.0"), "line 3: not later"),
        (("21.06.2024,1.0",), r"line 2 \('21.06.2024,1.0'\): write a local time"),
        (("2024-06-21 00:00Z,1.0",), "line 2"),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(
    tmp_path: Path, rows: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(ScenarioError, match=problem):
        _read(tmp_path, *rows)


def test_many_lines_are_told_in_one(tmp_path: Path) -> None:
    rows = [f"2024-06-21 00:{minute:02},2401" for minute in range(60)]
    with pytest.raises(ScenarioError, match=r"line 3 \(2401\), line 4 \(2401\) and 57 more"):
        _read(tmp_path, *rows)


def test_a_length_that_does_not_divide_the_interval_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"4 does not divide clock\.interval_min 15: write one"):
        Scenario(name="x").replace({"clock.power_flow_min": 4})


def test_another_series_is_another_scenario(tmp_path: Path) -> None:
    scenario = Scenario(name="x").replace({"feeder.source_series": "head.csv"}).at(tmp_path)
    digests = set()
    for v_pu in ("1.0", "1.01"):
        _read(tmp_path, f"2024-06-20 00:00,{v_pu}", f"2024-06-22 00:00,{v_pu}")
        digests.add(scenario.content_digest())
    assert len(digests) == 2
    assert np.isfinite(read_source_v_pu(tmp_path / "head.csv", CLOCK)).all()
