"""A file of series as rows of time, house and values, whatever its shape."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from p2p_cosim.core.errors import Problem, ScenarioError
from p2p_cosim.scenario.series.form import SeriesForm

TIME, HOUSE, LOAD, PV = "time", "house", "load", "pv"
_TIMES = ("timestamp", "time", "datetime", "date", "date_time", "datetimeutc", "tstp", "stamp")
_HOUSES = ("house", "household", "meter", "meter_id", "customer", "id", "lclid", "home", "dataid")
_LOADS = ("load_kw", "load", "load_kwh", "consumption", "kwh", "kw", "energy", "power", "value")
_PVS = ("pv_kw", "pv", "pv_kwh", "production", "generation", "solar")
_SEPARATORS = ",;\t|"


def read_table(file: Path, form: SeriesForm, notes: list[str]) -> pd.DataFrame:
    """Columns `time` (text), `house`, `load` and `pv` (float, NaN where there is no number).

    notes: is given how the file was understood. Raises ScenarioError if it cannot be.
    """
    text = _text(file)
    separator = max(_SEPARATORS, key=text.partition("\n")[0].count)
    raw = pd.read_csv(file, sep=separator, dtype=str, encoding=_encoding(text, file))
    raw.columns = [str(name).strip() for name in raw.columns]
    time = _column(file, raw, form.time_column, _TIMES) or str(raw.columns[0])
    house = _column(file, raw, form.house_column, _HOUSES)
    rows = _long(file, raw, time, house, form) if house else _wide(raw, time)
    shape = f"a row for each time and house ({house!r})" if house else "a column for each house"
    notes.append(f"{file.name}: {shape}; times in {time!r}")
    has_comma = separator != "," and _has_decimal_comma(rows[LOAD])
    if has_comma:
        notes.append(f"{file.name}: decimal commas read as points")
    for column in (LOAD, PV):
        rows[column] = _numbers(rows[column], has_comma)
    return rows


def _text(file: Path) -> str:
    try:
        content = file.read_bytes()[:100_000]
    except OSError as error:
        raise _refused(file, f"cannot be read: {error.strerror}") from None
    if not content.strip():
        raise _refused(file, "is empty: name a file with a line of column names and rows")
    return content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def _encoding(text: str, _file: Path) -> str:
    return "latin-1" if "\ufffd" in text else "utf-8-sig"


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


def _has_decimal_comma(values: pd.Series[str]) -> bool:
    return bool(values.dropna().head(1000).str.fullmatch(r"\s*-?\d+,\d+\s*").any())


def _numbers(values: pd.Series[str], has_comma: bool) -> pd.Series[float]:
    if has_comma:
        values = values.str.replace(",", ".", regex=False)
    return pd.to_numeric(values, errors="coerce").astype("float64")


def _refused(file: Path, message: str) -> ScenarioError:
    return ScenarioError(file.name, [Problem("", message)])
