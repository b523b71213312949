"""Measured series as people have them, against values counted by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from p2p_cosim.core.errors import ScenarioError
from p2p_cosim.scenario import build_profiles, load
from p2p_cosim.scenario.series.bring import Brought, bring
from p2p_cosim.scenario.series.form import SeriesForm
from p2p_cosim.scenario.series.written import conversions_of, write

KWH_ENDING: dict[str, Any] = {"unit": "kwh", "stamps": "ending", "zone": "Europe/Berlin"}
KW: dict[str, Any] = {"unit": "kw", "stamps": "beginning", "zone": "UTC"}


def _bring(folder: Path, text: str, pv: str = "", **form: Any) -> Brought:
    (folder / "f.csv").write_text(text)
    if pv:
        (folder / "pv.csv").write_text(pv)
    return bring([folder / "f.csv"], SeriesForm(**form), folder / "pv.csv" if pv else None)


def _problem(folder: Path, text: str, **form: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        _bring(folder, text, **form)
    return str(caught.value)


def _kw(brought: Brought, house: str = "house_1") -> dict[str, float]:
    rows = brought.frame[brought.frame["house"] == house]
    stamps = rows["timestamp"].dt.strftime("%m-%d %H:%M")
    return dict(zip(stamps, rows["load_kw"], strict=True))


def test_energies_of_intervals_that_end_at_their_time(tmp_path: Path) -> None:
    text = "time,a,b\n2024-01-10 00:30,0.5,1\n2024-01-10 01:00,1.0,2\n"
    brought = _bring(tmp_path, text, **KWH_ENDING)
    assert _kw(brought) == {"01-10 00:00": 1.0, "01-10 00:30": 2.0}
    assert _kw(brought, "house_2") == {"01-10 00:00": 2.0, "01-10 00:30": 4.0}
    assert "houses: a is house_1, b is house_2" in brought.conversions
    assert any("divided by its hours" in one for one in brought.conversions)
    assert any("moved back by one step" in one for one in brought.conversions)


def test_powers_of_intervals_that_begin_at_their_time_in_rows(tmp_path: Path) -> None:
    text = (
        "LCLid;tstp;load\nM7;2024-01-10 00:00;0,5\nM7;2024-01-10 00:30;1,5\n"
        "M9;2024-01-10 00:00;2,5\nM9;2024-01-10 00:30;3\n"
    )
    brought = _bring(tmp_path, text, **KW)
    assert _kw(brought) == {"01-10 00:00": 0.5, "01-10 00:30": 1.5}
    assert _kw(brought, "house_2") == {"01-10 00:00": 2.5, "01-10 00:30": 3.0}
    assert any("decimal commas" in one for one in brought.conversions)


def _wall_day(day: str) -> tuple[str, int]:
    """A day of Berlin by its wall clock, half-hourly; value k in the k-th half hour."""
    instants = pd.date_range(day, pd.Timestamp(day) + pd.Timedelta(days=1), freq="30min",
                             tz="Europe/Berlin", inclusive="left")  # fmt: skip
    rows = [f"{at:%Y-%m-%d %H:%M},{k}" for k, at in enumerate(instants)]
    return "\n".join(["time,a", *rows]) + "\n", len(instants)


@pytest.mark.parametrize(("day", "hours"), [("2024-03-31", 23), ("2024-10-27", 25)])
@pytest.mark.parametrize("stamps", ["beginning", "ending"])
def test_a_day_of_summer_times_beginning_or_end_is_even_in_standard_time(
    tmp_path: Path, day: str, hours: int, stamps: str
) -> None:
    text, count = _wall_day(day)
    assert count == 2 * hours
    form = {**KW, "zone": "Europe/Berlin", "stamps": stamps}
    frame = _bring(tmp_path, text, **form).frame
    assert (frame["timestamp"].diff().dropna() == pd.Timedelta(minutes=30)).all()
    assert frame["load_kw"].tolist() == list(range(count))
    # In autumn summer time still reigns at midnight, and the standard clock shows 23:00.
    midnight = pd.Timestamp(day) - pd.Timedelta(hours=1 if hours == 25 else 0)
    moved = pd.Timedelta(minutes=30 if stamps == "ending" else 0)
    assert frame["timestamp"].iloc[0] == midnight - moved


def test_a_year_in_standard_time_does_not_fit_a_clock_with_summer_time(tmp_path: Path) -> None:
    rows = [f"2024-03-31 0{h}:00,1" for h in range(5)]
    text = "\n".join(["time,a", *rows])
    assert "such as +01:00" in _problem(tmp_path, text, **{**KW, "zone": "Europe/Berlin"})
    brought = _bring(tmp_path, text, **{**KW, "zone": "+01:00"})
    assert len(brought.frame) == 5


def test_times_with_a_zone_of_their_own(tmp_path: Path) -> None:
    text = "time,a\n2024-06-21T10:00:00Z,1\n2024-06-21T12:30:00+02:00,2\n"
    brought = _bring(tmp_path, text, **{**KW, "zone": "Europe/Berlin"})
    assert _kw(brought) == {"06-21 11:00": 1.0, "06-21 11:30": 2.0}
    mixed = text.replace("Z", "")
    assert "has no zone" in _problem(tmp_path, mixed, **{**KW, "zone": "Europe/Berlin"})


def _rows(*values: tuple[str, object], house: str = "a") -> str:
    return "".join(f"2024-01-10 {at},{house},{value}\n" for at, value in values)


LONG = "time,house,load\n"


def test_gaps_stay_open_and_are_said_unless_they_are_short(tmp_path: Path) -> None:
    text = LONG + _rows(("00:00", 1), ("00:15", 1), ("00:30", 2), ("01:00", 4), ("03:00", 1))
    text += _rows(("03:15", 1), ("03:30", 1))
    brought = _bring(tmp_path, text, **KW)
    assert len(brought.frame) == 7
    assert [doubt.partition(" from ")[0] for doubt in brought.doubts if "lacks" in doubt] == [
        "house_1 lacks 0 days 00:15:00",
        "house_1 lacks 0 days 01:45:00",
    ]
    filled = _bring(tmp_path, text, **KW, fill_min=30)
    assert _kw(filled)["01-10 00:45"] == 3.0
    assert sum("lacks" in doubt for doubt in filled.doubts) == 1
    assert "1 missing intervals filled by a straight line" in filled.conversions


def test_equal_rows_are_dropped_and_unequal_ones_refused(tmp_path: Path) -> None:
    text = LONG + _rows(("00:00", 1), ("00:15", 2), ("00:15", 2), ("00:30", 3))
    brought = _bring(tmp_path, text, **KW)
    assert _kw(brought) == {"01-10 00:00": 1, "01-10 00:15": 2, "01-10 00:30": 3}
    assert any(one.startswith("1 rows that stood twice") for one in brought.conversions)
    unequal = text.replace("00:15,a,2\n", "00:15,a,9\n", 1)
    assert "stands twice with other values" in _problem(tmp_path, unequal, **KW)


def test_several_resolutions_come_to_one(tmp_path: Path) -> None:
    text = LONG + _rows(*((f"00:{5 * k:02d}", k) for k in range(6)))
    text += _rows(("00:00", 8), ("00:30", 8), house="b")
    finest = _bring(tmp_path, text, **KW)
    assert list(_kw(finest, "house_2").values()) == [8.0] * 12
    quarters = _bring(tmp_path, text, **KW, step_min=15)
    assert _kw(quarters) == {"01-10 00:00": 1.0, "01-10 00:15": 4.0}
    assert _kw(quarters, "house_2")["01-10 00:45"] == 8.0
    assert "which does not fit 7" in _problem(tmp_path, text, **KW, step_min=7)


def test_some_houses_under_other_names_and_some_of_the_time(tmp_path: Path) -> None:
    text = "time,a,b,c\n2024-01-10 00:00,1,2,3\n2024-01-10 00:15,4,5,6\n2024-01-10 00:30,7,8,9\n"
    named = _bring(tmp_path, text, **KW, names={"c": "house_1"})
    assert set(named.frame["house"]) == {"house_1"}
    assert "2 of 3 houses of the file are left out" in named.conversions
    cut = _bring(tmp_path, text, **KW, count=2, start=pd.Timestamp("2024-01-10 00:15"))
    assert _kw(cut) == {"01-10 00:15": 4, "01-10 00:30": 7}
    assert "is no house of the file" in _problem(tmp_path, text, **KW, names={"d": "house_1"})


def test_net_meters_and_pv_apart(tmp_path: Path) -> None:
    text = "time,a\n2024-01-10 12:00,2\n2024-01-10 12:15,-3\n"
    assert "for net meters say net" in _problem(tmp_path, text, **KW)
    net = _bring(tmp_path, text, **KW, is_net=True).frame
    assert (net["load_kw"].tolist(), net["pv_kw"].tolist()) == ([2, 0], [0, 3])
    load = text.replace("-3", "1")
    apart = _bring(tmp_path, load, pv=text.replace("-3", "5"), **KW).frame
    assert (apart["load_kw"].tolist(), apart["pv_kw"].tolist()) == ([2, 1], [2, 5])


def test_a_unit_that_makes_no_sense_is_said(tmp_path: Path) -> None:
    text = "time,a\n2024-01-10 12:00,900\n2024-01-10 12:15,900\n"
    assert "give the right unit" in _problem(tmp_path, text, **KW)
    assert _bring(tmp_path, text, **{**KW, "unit": "w"}).doubts == ()
    tiny = text.replace("900", "0.9")
    assert any(
        "kWh a day" in doubt for doubt in _bring(tmp_path, tiny, **{**KW, "unit": "w"}).doubts
    )


def test_what_is_written_runs_and_names_its_conversions(tmp_path: Path) -> None:
    text = "time,a\n2024-06-21 12:30,0.5\n2024-06-21 13:00,1.0\n"
    write(_bring(tmp_path, text, **KWH_ENDING), [tmp_path / "f.csv"], tmp_path / "data.csv")
    said = conversions_of(tmp_path / "data.csv")
    assert said[0].startswith("from f.csv (")
    assert any("divided by its hours" in one for one in said)
    (tmp_path / "s.yaml").write_text(
        "name: s\nclock: {start: 2024-06-21 11:00, ticks: 4}\nhouses: {count: 1}\n"
        "profiles: {source: csv, csv: data.csv}\n"
    )
    profiles = build_profiles(load(tmp_path / "s.yaml"), np.random.SeedSequence(0))
    assert profiles.load_kw[:, 0].tolist() == [1, 1, 2, 2]
    (tmp_path / "data.csv").write_text((tmp_path / "data.csv").read_text() + "\n")
    assert conversions_of(tmp_path / "data.csv") == ("the file was changed after its import",)
    assert conversions_of(tmp_path / "f.csv") == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("time,a\n", "has no values"),
        ("time\n2024-01-10 00:00\n", "has no values"),
        ("time,a\n2024-01-10 00:00,1\n2024-01-10 00:15,1,2,3\n", "Expected 2 fields in line 3"),
        ('time,a\n"2024-01-10 00:00,1\n', "is no table"),
        ("time,a\n2024-01-10 00:00,1,2\n2024-01-10 00:15,1,2\n", "than the 2 names above"),
        ("time,house,load\n2024-01-10 00:00,,1\n", "names no house in any row"),
        ("time;a\n2024-01-10 00:00;0,5\n2024-01-10 00:15;0.5\n", "write all numbers one way"),
    ],
)
def test_what_is_no_table_is_refused_with_its_remedy(tmp_path: Path, text: str, told: str) -> None:
    assert told in _problem(tmp_path, text, **KW)


def test_wrong_names_zones_and_time_formats_are_refused(tmp_path: Path) -> None:
    text = "time,flat,barn\n2024-01-10 00:00,1,2\n2024-01-10 00:15,4,5\n"
    wrong = _problem(tmp_path, text, **KW, names={"flat": "x", "barn": "x", "flut": "y"})
    assert "2 problems" in wrong
    assert "did you mean 'flat'" in wrong
    assert "x: is given to 2 houses" in wrong
    assert "is no time zone" in _problem(tmp_path, text, **{**KW, "zone": "+99:00"})
    assert "is no time_format" in _problem(tmp_path, text, **KW, time_format="%Q")


def test_every_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"2 problems(?s:.*)one\.csv(?s:.*)two\.csv"):
        bring([tmp_path / "one.csv", tmp_path / "two.csv"], SeriesForm(**KW))


def test_encodings_are_read_and_the_unusual_one_is_said(tmp_path: Path) -> None:
    text = "time,Süd\n2024-01-10 00:00,1\n2024-01-10 00:15,4\n"
    for encoding, is_said in (("utf-8", False), ("utf-16", False), ("latin-1", True)):
        (tmp_path / "f.csv").write_bytes(text.encode(encoding))
        brought = bring([tmp_path / "f.csv"], SeriesForm(**KW))
        assert "houses: Süd is house_1" in brought.conversions
        assert any("Latin-1" in one for one in brought.conversions) == is_said


def test_commas_and_groups_of_digits_in_any_column_and_row(tmp_path: Path) -> None:
    rows = "".join(f"2024-01-10 {k // 4:02d}:{15 * (k % 4):02d};a;0;0\n" for k in range(48))
    text = "time;house;load;pv\n" + rows + "2024-01-10 12:00;a;1.234;2.345,5\n"
    frame = _bring(tmp_path, text, **{**KW, "unit": "w"}).frame
    assert frame.iloc[-1][["load_kw", "pv_kw"]].tolist() == [1.234, 2.3455]
    trailing = "time;a;\n2024-01-10 00:00;1;\n2024-01-10 00:15;4;\n"
    assert _kw(_bring(tmp_path, trailing, **KW)) == {"01-10 00:00": 1, "01-10 00:15": 4}


def test_what_is_left_out_or_lost_is_said(tmp_path: Path) -> None:
    text = "time,a,b\n2024-01-10 00:00,1,2\n2024-01-10 00:15,4,2\n2024-01-10 00:30,ERR,2\n"
    pv = "time,b,c\n2024-01-10 00:00,1,2\n2024-01-10 00:15,4,2\n2024-01-10 00:30,1,2\n"
    brought = _bring(tmp_path, text, pv, **KW)
    said = "f.csv: what is no number, such as 'ERR', counts as missing (1 times)"
    assert said in brought.conversions
    assert "the PV file has no a: 0 kW are taken" in brought.conversions
    assert "the PV file alone has c: left out" in brought.conversions


def test_a_file_that_was_read_is_not_written_over(tmp_path: Path) -> None:
    text = "time,a\n2024-01-10 00:00,1\n2024-01-10 00:15,4\n"
    brought = _bring(tmp_path, text, **KW)
    with pytest.raises(ScenarioError, match="is a file that is read"):
        write(brought, [tmp_path / "f.csv"], tmp_path / "." / "f.csv")
    assert (tmp_path / "f.csv").read_text() == text
    assert [file.name for file in tmp_path.iterdir()] == ["f.csv"]


def test_what_is_no_number_does_not_change_the_step(tmp_path: Path) -> None:
    values = ("0.1", "Null", "0.1", "-", "0.1", "n/a", "0.1")
    rows = "".join(f"2024-01-10 0{i // 4}:{i % 4 * 15:02},{v}\n" for i, v in enumerate(values))
    brought = _bring(tmp_path, f"time,a\n{rows}", **{**KW, "unit": "kwh"})
    assert list(_kw(brought).values()) == pytest.approx([0.4] * 4)
    assert len([one for one in brought.doubts if "lacks 0 days 00:15:00" in one]) == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("time;a\n2024-01-10 00:00;1 234\n2024-01-10 00:30;987\n", "'1 234': write thousands"),
        ("time;a\n2024-01-10 00:00;1'234,5\n2024-01-10 00:30;9\n", '"1\'234,5": write thousands'),
        ('time,a\n2024-01-10 00:00,"0,25"\n2024-01-10 00:30,"0,5"\n', "'0,25': write thousands"),
        ('time,a\n2024-01-10 00:00,"1,234.5"\n2024-01-10 00:30,2\n', "'1,234.5': write thous"),
        (
            "time,a\n2024-01-10 00:00,1.234\n2024-01-10 00:30,987\n2024-01-10 01:00,2.001\n",
            "'1.234' beside '987': leave the point out if it is one of thousands",
        ),
        ("2024-01-10 00:00,1\n2024-01-10 00:30,2\n2024-01-10 01:00,3\n", "begins with a row: put"),
        ("date,time,a\n2024-01-10,00:00,1\n2024-01-10,00:30,2\n", "times in 'date' and in 'time'"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(tmp_path: Path, text: str, told: str) -> None:
    assert told in _problem(tmp_path, text, **KW)


def test_gaps_and_hours_that_are_not_there_are_told_by_the_files_clock(tmp_path: Path) -> None:
    zone = {**KW, "zone": "Europe/Berlin"}
    text = "time,a\n2024-07-10 00:00,1\n2024-07-10 00:15,1\n2024-07-10 00:45,1\n"
    assert "from 2024-07-10 00:30:00+0200" in _bring(tmp_path, text, **zone).doubts[0]
    text = "time,a\n2024-03-31 01:30,1\n2024-03-31 02:00,1\n2024-03-31 02:30,1\n"
    problem = _problem(tmp_path, text, **zone)
    assert "2024-03-31 02:00:00" in problem
    assert "argument" not in problem
