"""Records ticks in memory, column by column, and writes them out as Parquet at the end."""

from __future__ import annotations

import json
import os
import shutil
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

from p2p_cosim.core.errors import ConservationError, ResultsError
from p2p_cosim.core.types import TickRecord
from p2p_cosim.record import manifest, rows, schema
from p2p_cosim.record.folder import replace_folder
from p2p_cosim.record.run_info import RunInfo

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST_FILE = "manifest.json"
SCENARIO_FILE = "scenario.yaml"
FEEDER_FILE = "feeder.json"

Values: TypeAlias = "array[int] | array[float] | list[object]"


class ParquetRecorder:
    """A `Recorder` that writes `<out_dir>/<scenario name>/<run id>/`.

    Nothing touches the disk before `write`. A tick is recorded whole or, if anything in it
    cannot be stored, not at all, so a failed run can still be written.
    """

    def __init__(self, out_dir: Path, info: RunInfo) -> None:
        self.info = info
        self.folder = Path(out_dir) / info.scenario_name / info.run_id
        self._columns = {name: _typed(table, []) for name, table in schema.TABLES.items()}
        self._taps = dict(info.initial_taps)
        self._ticks = 0
        self._append("taps", rows.initial_taps(info))
        self._append("transactions", rows.setup_transactions(info))

    def record(self, record: TickRecord) -> None:
        """Keep one tick.

        Raises ResultsError for an integer beyond 64 bits, ConservationError if a tap
        differs from what the moves say, and ValueError if meters, houses or nodes do not
        fit `RunInfo`.
        """
        taps = self._taps_after(record)
        added = {
            name: _typed(schema.TABLES[name], row_function(record, self.info))
            for name, row_function in rows.ROWS.items()
        }
        for name, columns in added.items():
            _extend(self._columns[name], columns)
        self._taps = taps
        self._ticks += 1

    def write(self, status: str) -> Path:
        """Write everything recorded so far and return the folder.

        The folder appears at once, whole, and replaces an older one of the same run. Part of
        a run goes to `<run id>.partial` and never replaces a complete one, which in turn
        removes the part.
        status: "complete", "interrupted" or "failed: <why>"; ValueError otherwise.
        """
        manifest.check_status(status)
        partial = self.folder.with_name(f"{self.folder.name}.partial")
        target = self.folder if status == manifest.COMPLETE else partial
        new = target.with_name(f".{target.name}.{os.getpid()}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        try:
            self._write_files(new, status)
            replace_folder(new, target)
        finally:
            shutil.rmtree(new, ignore_errors=True)
        if target != partial:
            shutil.rmtree(partial, ignore_errors=True)
        return target

    def _append(self, name: str, new_rows: Sequence[rows.Row]) -> None:
        _extend(self._columns[name], _typed(schema.TABLES[name], new_rows))

    def _taps_after(self, record: TickRecord) -> dict[str, int]:
        taps = self._taps | {move.regulator: move.tap for move in record.tap_moves}
        for (name, announced), actual in zip(taps.items(), record.grid.taps, strict=True):
            if announced != actual:
                raise ConservationError(
                    f"tap of regulator {name!r}", record.tick, announced, actual, "steps"
                )
        return taps

    def _write_files(self, folder: Path, status: str) -> None:
        import pyarrow.parquet as pq

        for name, table in schema.TABLES.items():
            pq.write_table(
                _arrow_table(table, self._columns[name]),
                folder / table.file_name,
                compression="zstd",
            )
        (folder / SCENARIO_FILE).write_text(self.info.scenario_yaml, encoding="utf-8", newline="\n")
        _write_json(folder / FEEDER_FILE, self.info.feeder_map)
        _write_json(
            folder / MANIFEST_FILE,
            manifest.manifest(
                self.info,
                status,
                self._ticks,
                rows={name: len(columns[0]) for name, columns in self._columns.items()},
                files={
                    path.name: manifest.digest(path.read_bytes())
                    for path in sorted(folder.iterdir())
                },
            ),
        )


def _write_json(path: Path, data: object) -> None:
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _typed(table: schema.Table, new_rows: Sequence[rows.Row]) -> list[Values]:
    """The rows as one typed sequence a column, in the table's order of columns."""
    by_column = zip(*new_rows, strict=True) if new_rows else ((),) * len(table.columns)
    return [
        _values(table, column, values)
        for column, values in zip(table.columns, by_column, strict=True)
    ]


def _values(table: schema.Table, column: schema.Column, values: Sequence[object]) -> Values:
    if column.dtype == "int64":
        present = [value for value in values if value is not None] if column.nullable else values
        try:
            integers = array("q", cast(Sequence[int], present))
        except OverflowError:
            raise _overflow(table, column, present) from None
        return list(values) if column.nullable else integers
    if column.dtype == "float64" and not column.nullable:
        return array("d", cast(Sequence[float], values))
    return list(values)


def _overflow(table: schema.Table, column: schema.Column, values: Sequence[object]) -> ResultsError:
    largest = max((value for value in values if isinstance(value, int)), key=abs)
    remedy = (
        "raise 'eur_per_ether' in the scenario, which makes every amount smaller in wei"
        if column.unit.startswith("wei")
        else "lower it in the scenario"
    )
    return ResultsError(
        f"table '{table.name}', column '{column.name}': {largest} {column.unit} is beyond "
        f"the 64-bit limit of {2**63 - 1}; {remedy}"
    )


def _extend(columns: list[Values], added: list[Values]) -> None:
    for column, values in zip(columns, added, strict=True):
        column.extend(values)  # type: ignore[arg-type]


def _arrow_table(table: schema.Table, columns: list[Values]) -> pa.Table:
    import pyarrow as pa

    types = {
        "int64": pa.int64(),
        "float64": pa.float64(),
        "string": pa.string(),
        "bool": pa.bool_(),
    }
    fields, arrays = [], []
    for column, values in zip(table.columns, columns, strict=True):
        metadata = {"unit": column.unit, "description": column.description}
        fields.append(pa.field(column.name, types[column.dtype], column.nullable, metadata))
        arrays.append(pa.array(_storable(column, values), types[column.dtype], from_pandas=True))
    metadata = {"table": table.name, "description": table.description}
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata))


def _storable(column: schema.Column, values: Values) -> object:
    if column.dtype != "float64":
        return values if isinstance(values, list) else np.array(values, dtype=np.int64)
    floats = np.array(values, dtype=np.float64)  # None becomes NaN, which is stored as null
    return np.round(floats, schema.FLOAT_DECIMALS) + 0.0  # -0.0 becomes 0.0
