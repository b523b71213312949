"""`import` shows what it understood, and writes only when told where."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from p2p_cosim.cli.app import app

ASKED = ("--unit", "kwh", "--stamps", "ending", "--zone", "+00:00")


def _import(folder: Path, *more: str) -> tuple[int, str]:
    (folder / "f.csv").write_text("time,a,b\n2024-01-10 00:30,0.5,1\n2024-01-10 01:00,1.0,2\n")
    done = CliRunner().invoke(app, ["import", str(folder / "f.csv"), *ASKED, *more])
    return done.exit_code, done.output


def test_it_shows_first_and_writes_when_told(tmp_path: Path) -> None:
    code, told = _import(tmp_path)
    assert code == 0
    assert "house_1: 2 rows, load 36.00 kWh a day, at most 2.00 kW" in told
    assert "from 2024-01-10 00:00:00 on, a row every 30 min:" in told
    assert "nothing is written" in told
    assert list(tmp_path.iterdir()) == [tmp_path / "f.csv"]
    _import(tmp_path, "--house", "b=house_1", "--out", str(tmp_path / "data.csv"))
    lines = (tmp_path / "data.csv").read_text().splitlines()
    assert lines[0] == "timestamp,house,load_kw,pv_kw"
    assert lines[1] == "2024-01-10 00:00:00,house_1,2.000000,0.000000"
    assert len(lines) == 3
