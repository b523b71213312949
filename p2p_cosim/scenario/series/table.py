"""A file of series as rows of time, house and values, whatever its shape."""

from __future__ import annotations

import codecs
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from p2p_cosim.core.errors import Problem, ScenarioError
from p2p_cosim.scenario.series.form import SeriesForm

TIME, HOUSE, LOAD, PV, LOST = "time", "house", "load", "pv", "lost"
_TIMES = ("timestamp", "time", "datetime", "date", "date_time", "datetimeutc", "tstp", "stamp")
_HOUSES = ("house", "household", "meter", "meter_id", "customer", "id", "lclid", "home", "dataid")
_LOADS = ("load_kw", "load", "load_kwh", "consumption", "kwh", "kw", "energy", "power", "value")
_PVS = ("pv_kw", "pv", "pv_kwh", "production", "generation", "solar")
_SEPARATORS = ",;\t|"
_DECIMAL_COMMA = r"-?\d+(?:\.\d{3})*,\d+"
_GROUPED = r"-?\d{1,3}(?:\.\d{3})+(?:,\d+)?"
_SEPARATED = r"-?\d{1,3}(?:[ '\u2019\u00a0\u202f]\d{3})+(?:[.,]\d+)?|-?[\d,]*\d,\d+(?:\.\d+)?"
_THOUSANDS, _HUNDREDS = r"[1-9]\d{0,2}\.\d{3}", r"[1-9]\d\d"
_CLOCK = r"\d{1,2}:\d\d(?::\d\d)?"


def read_table(file: Path, form: SeriesForm, notes: list[str]) -> pd.DataFrame:
    """Columns `time` (text), `house`, `load` and `pv` (float, NaN where there is no number), and
    `lost`: whether something that is no number stands in their place.

    notes: is given how the file was understood. Raises ScenarioError if it cannot be.
    """
    text = _text(file, notes)
    separator = max(_SEPARATORS, key=text.partition("\n")[0].count)
    raw = _parsed(file, text, separator)
    time = _column(file, raw, form.time_column, _TIMES) or str(raw.columns[0])
    house = _column(file, raw, form.house_column, _HOUSES)
    _check_times(file, raw, time, form)
    rows = _long(file, raw, time, house, form) if house else _wide(raw, time)
    shape = f"a row for each time and house ({house!r})" if house else "a column for each house"
    notes.append(f"{file.name}: {shape}; times in {time!r}")
    has_comma = separator != "," and _has_decimal_comma(file, rows)
    if has_comma:
        notes.append(f"{file.name}: decimal commas read as points")
    rows[LOST] = False
    for column in (LOAD, PV):
        written = rows[column].str.strip()
        rows[column] = _numbers(written, has_comma)
        is_lost = rows[column].isna() & (written.fillna("") != "")
        lost = written[is_lost]
        rows[LOST] |= is_lost
        _refuse_separated(file, written, lost, has_comma=has_comma)
        if not lost.empty:
            told = f"what is no number, such as {lost.iloc[0]!r}, counts as missing"
            notes.append(f"{file.name}: {told} ({len(lost)} times)")
    return rows


def _check_times(file: Path, raw: pd.DataFrame, time: str, form: SeriesForm) -> None:
    """Refuse a table whose first line is a row, and one with times in two columns."""
    if _is_time(time, form.time_format or "ISO8601"):
        raise _refused(file, "begins with a row: put a line with names before it, such as time,h1")
    for name in raw.columns:
        if name != time and raw[name].str.strip().str.fullmatch(_CLOCK).all():
            raise _refused(file, f"has times in {time!r} and in {name!r}: write both in one column")


def _is_time(text: str, wanted: str) -> bool:
    try:
        return not pd.isna(pd.to_datetime(text, format=wanted, errors="coerce"))
    except ValueError:  # of the format itself, which is told where times are read
        return False


def _refuse_separated(
    file: Path, written: pd.Series[str], lost: pd.Series[str], *, has_comma: bool
) -> None:
    """Numbers whose thousands stand apart, or that have a comma between commas, are not lost."""
    separated = lost[lost.str.fullmatch(_SEPARATED)]
    if not separated.empty:
        raise _refused(
            file,
            f"has {separated.iloc[0]!r}: write thousands without a separator, and decimals with a "
            "point",
        )
    pointed = written[written.str.contains(".", regex=False, na=False)]
    whole = written[written.str.fullmatch(_HUNDREDS, na=False)]
    if has_comma or len(pointed) < 2 or whole.empty:
        return
    if pointed.str.fullmatch(_THOUSANDS).all():
        raise _refused(
            file,
            f"has {pointed.iloc[0]!r} beside {whole.iloc[0]!r}: leave the point out if it is one "
            "of thousands, and else give all numbers their decimals",
        )


def _text(file: Path, notes: list[str]) -> str:
    """UTF-8, or UTF-16 by its mark, or else Latin-1, which is said."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ScenarioError(str(file), [Problem("", f"cannot be read: {error.strerror}")]) from None
    if not content.strip():
        raise _refused(file, "is empty: name a file with a line of column names and rows")
    try:
        is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
        notes.append(f"{file.name}: read as Latin-1, as it is no UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _parsed(file: Path, text: str, separator: str) -> pd.DataFrame:
    """The table as text, with the columns that have a name or something in them."""
    try:
        raw = pd.read_csv(io.StringIO(text), sep=separator, dtype=str)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        reason = str(error).rpartition("C error: ")[2].strip()
        raise _refused(file, f"is no table: {reason}; mend that line") from None
    if not isinstance(raw.index, pd.RangeIndex):
        raise _refused(
            file, f"has more values in a row than the {len(raw.columns)} names above: name each"
        )
    nameless = [name for name in raw.columns if str(name).startswith("Unnamed: ")]
    raw = raw.drop(columns=[name for name in nameless if raw[name].isna().all()])
    raw.columns = [str(name).strip() for name in raw.columns]
    if raw.empty or len(raw.columns) < 2:
        raise _refused(file, "has no values: name a file with rows of times and values")
    return raw


def _column(file: Path, raw: pd.DataFrame, given: str, usual: Sequence[str]) -> str:
    """The column of that name, or the first with a usual one; "" if there is none."""
    if given and given not in raw.columns:
        raise _refused(file, f"has no column {given!r}: it has {', '.join(raw.columns)}")
    if given:
        return given
    return next((name for name in raw.columns if _plain(name) in usual), "")


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_")


def _long(file: Path, raw: pd.DataFrame, time: str, house: str, form: SeriesForm) -> pd.DataFrame:
    rest = [name for name in raw.columns if name not in (time, house)]
    load = _column(file, raw, form.load_column, _LOADS)
    pv = _column(file, raw, form.pv_column, _PVS)
    if not load and len(rest) == 1:
        load = rest[0]
    if not load:
        columns = ", ".join(rest)
        raise _refused(file, f"has columns {columns}: say which is the load, with load_column")
    return pd.DataFrame(
        {
            TIME: raw[time],
            HOUSE: raw[house].str.strip(),
            LOAD: raw[load],
            PV: raw[pv] if pv else "0",
        }
    )


def _wide(raw: pd.DataFrame, time: str) -> pd.DataFrame:
    rows = raw.melt(id_vars=[time], var_name=HOUSE, value_name=LOAD)
    return pd.DataFrame({TIME: rows[time], HOUSE: rows[HOUSE], LOAD: rows[LOAD], PV: "0"})


def _has_decimal_comma(file: Path, rows: pd.DataFrame) -> bool:
    """Whether numbers are written as 1.234,5. Refuses a file that has points for decimals too."""
    values = pd.concat([rows[LOAD], rows[PV]]).dropna().str.strip()
    if not values.str.fullmatch(_DECIMAL_COMMA).any():
        return False
    pointed = values[values.str.contains(".", regex=False)]
    odd = pointed[~pointed.str.fullmatch(_GROUPED)]
    if not odd.empty:
        both = f"has decimal commas, and {odd.iloc[0]!r} with a point: write all numbers one way"
        raise _refused(file, both)
    return True


def _numbers(values: pd.Series[str], has_comma: bool) -> pd.Series[float]:
    if has_comma:
        values = values.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    return pd.to_numeric(values, errors="coerce").astype("float64")


def _refused(file: Path, message: str) -> ScenarioError:
    return ScenarioError(file.name, [Problem("", message)])
