"""Measured profiles: resampling, and every problem of a file at once."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from p2p_cosim.core.errors import ScenarioError
from p2p_cosim.scenario import Profiles, build_profiles, load

ROOT = Path(__file__).parents[3]
HEADER = "timestamp,house,load_kw,pv_kw"
SEED = np.random.SeedSequence(0)


def _build(folder: Path, text: str | bytes, clock: str = "{ticks: 4}", count: int = 1) -> Profiles:
    (folder / "data.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    (folder / "day.yaml").write_text(
        f"name: day\nclock: {clock}\nhouses: {{count: {count}}}\n"
        "profiles: {source: csv, csv: data.csv}\n"
    )
    return build_profiles(load(folder / "day.yaml"), SEED)


def _rows(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


def _problems(folder: Path, text: str | bytes, **how: object) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        _build(folder, text, **how)  # type: ignore[arg-type]
    assert caught.value.source == "data.csv"
    return [str(problem) for problem in caught.value.problems]


def test_coarser_data_are_held(tmp_path: Path) -> None:
    rows = _rows("2024-06-21 00:00,house_1,1,0", "2024-06-21 00:30,house_1,3,2")
    profiles = _build(tmp_path, rows)
    assert profiles.load_kw[:, 0].tolist() == [1, 1, 3, 3]
    assert profiles.pv_kw[:, 0].tolist() == [0, 0, 2, 2]


def test_finer_data_are_averaged(tmp_path: Path) -> None:
    rows = [f"2024-06-21 00:{5 * i:02d},house_1,{i},0" for i in range(12)]
    profiles = _build(tmp_path, _rows(*rows))
    assert profiles.load_kw[:, 0] == pytest.approx([1, 4, 7, 10])


def test_data_that_do_not_divide_the_tick_keep_their_energy(tmp_path: Path) -> None:
    rows = [f"2024-06-21 00:{10 * i:02d},house_1,{i},0" for i in range(6)]
    profiles = _build(tmp_path, _rows(*rows))
    assert profiles.load_kw[:, 0] == pytest.approx([1 / 3, 5 / 3, 10 / 3, 14 / 3])


def test_rows_and_columns_in_any_order_and_more_than_the_run(tmp_path: Path) -> None:
    rows = ["pv_kw,load_kw,house,timestamp"]
    rows += [f"0,{hour},house_1,2024-06-{day}T{hour:02d}:00" for day in (22, 21) for hour in (1, 0)]
    rows += [f"0,{hour},house_1,2024-06-21T{hour:02d}:00" for hour in range(23, 1, -1)]
    profiles = _build(tmp_path, "\n".join(rows), clock="{start: 2024-06-21 02:00, ticks: 8}")
    assert profiles.load_kw[:, 0] == pytest.approx([2] * 4 + [3] * 4)


def test_a_gap_outside_the_run_does_not_matter(tmp_path: Path) -> None:
    times = ("00:00", "00:15", "00:30", "00:45", "05:00", "05:15")
    rows = _rows(*(f"2024-06-21 {time},house_1,1,0" for time in times))
    assert (_build(tmp_path, rows).load_kw == 1).all()


@pytest.mark.parametrize(
    "row",
    [
        "2024-10-27 02:00,house_1,1,0",
        "2024-12-24 00:00,house_1,,0",
        "2024-05-01 00:00,house_1,-3,0",
    ],
)
def test_what_is_wrong_outside_the_run_does_not_matter(tmp_path: Path, row: str) -> None:
    times = ("00:00", "00:15", "00:30", "00:45")
    rows = _rows(*(f"2024-06-21 {time},house_1,1,0" for time in times), row, row)
    assert (_build(tmp_path, rows).load_kw == 1).all()


def test_more_houses_than_the_scenario_has_do_not_matter(tmp_path: Path) -> None:
    rows = _rows(
        *(f"2024-06-21 00:00,house_{i},{i},0" for i in (1, 2, 3)), "2024-06-21 00:30,house_1,1,0"
    )
    assert (_build(tmp_path, rows).load_kw == 1).all()


def test_own_values_also_replace_measured_ones(tmp_path: Path) -> None:
    rows = _rows("2024-06-21 00:00,house_1,1,0", "2024-06-21 00:30,house_1,3,2")
    _build(tmp_path, rows)
    scenario = load(tmp_path / "day.yaml").replace({"traders.house_1.pv_kw": 0.0})
    assert (build_profiles(scenario, SEED).pv_kw == 0).all()


def test_all_bad_cells_at_once_by_kind(tmp_path: Path) -> None:
    text = _rows(
        "2024-06-21 00:00,house_1,1,0",
        "midnight,house_1,1,0",
        "2024-06-21 00:15+02:00,house_1,1,0",
        "2024-06-21 00:30,house_1,nan,0",
        "2024-06-21 00:30,house_1,,0",
        '2024-06-21 00:30,house_1,"1,5",0',
        "2024-06-21 00:30,house_1,inf,-0.5",
        "2024-06-21 00:45,house_1,3500,0",
        "2024-06-21 00:45,hause_1,1,0",
        "2024-06-21 00:45,shed,1,0",
    )
    assert _problems(tmp_path, text, count=2) == [
        "line 3 ('midnight'): timestamp is not a time: write it as 2024-06-21 00:30",
        "line 4 ('2024-06-21 00:15+02:00'): timestamp has a time zone: give local time without one",
        "line 10: house 'hause_1' is not in the scenario; did you mean 'house_1'?",
        "line 11: house 'shed' is not in the scenario",
        "line 5 ('nan'), line 6 (''), line 7 ('1,5') and 1 more: load_kw is not a finite number",
        "line 8 (-0.5): pv_kw is negative: consumption goes to load_kw and production to pv_kw, "
        "both positive",
        "line 9 (3500): load_kw exceeds 100 kW: if it is in W, divide by 1000",
    ]


def test_all_faults_of_the_time_axis_at_once(tmp_path: Path) -> None:
    times = ("00:00", "00:15", "00:30", "00:45")
    rows = [f"2024-06-21 {time},house_1,1,0" for time in times]
    rows += [f"2024-06-21 {time},house_2,1,0" for time in times if time != "00:30"]
    rows += [f"2024-06-21 {time},house_3,1,0" for time in (*times, "00:15")]
    rows += [f"2024-06-21 {time},house_4,1,0" for time in times[1:]]
    rows += [f"2024-06-21 {time},house_5,1,0" for time in times[:-1]]
    assert _problems(tmp_path, _rows(*rows), count=6) == [
        "house_2 after 2024-06-21 00:15:00: the next row does not come 15 min later, as "
        "elsewhere in the file: fill the gap",
        "house_3 at 2024-06-21 00:15:00: timestamp stands twice: remove one row",
        "house_4, house_5, house_6: the run from 2024-06-21 00:00:00 to 2024-06-21 01:00:00 is "
        "not covered: add rows, or change clock.start and clock.ticks",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "line 1 is '': the columns must be timestamp,house,load_kw,pv_kw"),
        (
            "timestamp;house;load_kw;pv_kw\n",
            "line 1 is 'timestamp;house;load_kw;pv_kw': the columns must be "
            "timestamp,house,load_kw,pv_kw",
        ),
        (
            "timestamp,house,load_w,pv_w\n",
            "line 1 is 'timestamp,house,load_w,pv_w': the columns must be "
            "timestamp,house,load_kw,pv_kw",
        ),
        (_rows("2024-06-21 00:00,house_1,1"), "line 2 has 3 cells: give 4"),
        (b"timestamp,house,load_kw,pv_kw\n\xff", "is not UTF-8 text (byte 30): save it as UTF-8"),
    ],
)
def test_a_file_of_another_form(tmp_path: Path, text: str | bytes, problem: str) -> None:
    assert _problems(tmp_path, text) == [problem]


def test_shipped_data_are_what_the_script_writes(tmp_path: Path) -> None:
    data = ROOT / "scenarios" / "data"
    runpy.run_path(str(data / "measured_day.py"))["write"](tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == (data / "measured_day.csv").read_bytes()


def test_shipped_day_keeps_its_energy() -> None:
    profiles = build_profiles(load(ROOT / "scenarios" / "measured_day.yaml"), SEED)
    cells = np.genfromtxt(
        ROOT / "scenarios" / "data" / "measured_day.csv", delimiter=",", skip_header=1
    )
    assert profiles.load_kw.sum() / 4 == pytest.approx(cells[:, 2].sum() / 2)
    assert profiles.pv_kw.sum() / 4 == pytest.approx(cells[:, 3].sum() / 2)
    assert (profiles.pv_kw.sum(axis=0) > 0).sum() == 3


def test_a_file_may_hold_more_houses_than_the_run(tmp_path: Path) -> None:
    rows = _rows(*(f"2024-06-21 00:00,house_{n},{n},0" for n in (3, 1, 2)),
                 *(f"2024-06-21 00:30,house_{n},{n},0" for n in (3, 1, 2)))  # fmt: skip
    assert _build(tmp_path, rows, count=2).load_kw[0].tolist() == [1, 2]
