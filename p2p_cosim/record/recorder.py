"""Records ticks column by column, a simulated day in memory, and writes them as Parquet."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

from p2p_cosim.core.errors import ConservationError, StorageError
from p2p_cosim.core.types import OutsideInput, TickRecord, outside_digest, outside_text
from p2p_cosim.record import manifest, schema
from p2p_cosim.record.columns import arrow_schema, extend, typed
from p2p_cosim.record.folder import (
    MANIFEST_FILE,
    cannot_write,
    hidden_sibling,
    replace_folder,
)
from p2p_cosim.record.kept import Kept, Spool, empty_columns
from p2p_cosim.record.rows import BEFORE, ROWS
from p2p_cosim.record.run_info import RunInfo

SCENARIO_FILE = "scenario.yaml"
FEEDER_FILE = "feeder.json"
OUTSIDE_FILE = "outside.jsonl"

_DAY_S = 86_400
_MOST_HOUSE_TICKS = 100_000  # in memory at a time: about 50 MB


class ParquetRecorder:
    """A `Recorder` that writes `<out_dir>/<scenario name>/<run id>/`.

    Every simulated day (less, for thousands of houses) goes to a hidden file beside that
    folder and becomes a row group of its tables, so that memory does not grow with the run;
    of a run of one day nothing touches the disk before `write`.

    A tick is recorded whole or not at all, whatever cuts `record` short: what counts is one
    value, `kept`, that is put in place at the end.

    out_dir: None keeps the run in memory and temporary files, and it cannot be written.
    """

    def __init__(self, out_dir: Path | None, info: RunInfo) -> None:
        self.info = info
        self.outside: list[OutsideInput] = []
        self._out_dir = None if out_dir is None else Path(out_dir)
        interval_s, houses = info.clock.interval_s, max(1, len(info.houses))
        self._ticks_a_part = max(1, min(_DAY_S // interval_s, _MOST_HOUSE_TICKS // houses))
        self._spool = Spool(None if out_dir is None else self.folder)
        columns = empty_columns()
        for name, rows_before in BEFORE.items():
            extend(columns[name], 0, typed(schema.TABLES[name], rows_before(info)))
        self.kept = Kept(
            ticks=0,
            ticks_in_memory=0,
            parts=(),
            part_rows=dict.fromkeys(schema.TABLES, 0),
            columns=columns,
            rows={name: len(values[0]) for name, values in columns.items()},
            taps=dict(info.initial_taps),
        )

    def __repr__(self) -> str:
        return f"ParquetRecorder({self.info.scenario_name!r}, {self.kept.ticks} ticks)"

    @property
    def run_id(self) -> str:
        """The run's id: of what it is made of, and of what came from outside, if anything."""
        return manifest.touched_run_id(self.info.run_id, outside_digest(self.outside))

    @property
    def folder(self) -> Path:
        """Where a complete run is written to."""
        return (self._out_dir or Path()) / self.info.scenario_name / self.run_id

    @property
    def ticks(self) -> int:
        """Whole ticks recorded."""
        return self.kept.ticks

    def record(self, record: TickRecord) -> None:
        """Keep one tick.

        Raises ResultsError for an integer beyond its column, ConservationError if a tap
        differs from what the moves say, ValueError if meters, houses or nodes do not fit
        `RunInfo`, and StorageError if a day that is over cannot be written.
        """
        kept = self.kept
        if kept.ticks_in_memory >= self._ticks_a_part:
            self.kept = kept = self._spooled(kept)
        taps = _taps_after(kept, record)
        rows = dict(kept.rows)
        for name, of_tick in ROWS.items():
            if added := of_tick(record, self.info):
                extend(kept.columns[name], kept.rows[name], typed(schema.TABLES[name], added))
                rows[name] += len(added)
        self.kept = replace(
            kept,
            ticks=kept.ticks + 1,
            ticks_in_memory=kept.ticks_in_memory + 1,
            rows=rows,
            taps=taps,
        )

    def write(self, status: str) -> Path:
        """Write everything recorded so far and return the folder.

        The folder appears at once, whole, and replaces an older one of the same run. Part of
        a run goes to `<run id>.partial` and never replaces a complete one, which in turn
        removes the part.
        status: "complete", "interrupted" or "failed: <why>"; ValueError otherwise. Raises
        StorageError if the folder cannot be written.
        """
        manifest.check_status(status)
        if self._out_dir is None:
            raise StorageError("this simulation keeps nothing (out=None): give it a folder")
        partial = self.folder.with_name(f"{self.folder.name}.partial")
        target = self.folder if status == manifest.COMPLETE else partial
        new = hidden_sibling(target, "new")
        try:
            new.mkdir(parents=True)
            self._write_files(new, status)
            replace_folder(new, target)
        except OSError as error:
            raise cannot_write(target, error) from error
        finally:
            shutil.rmtree(new, ignore_errors=True)
        if target != partial:
            shutil.rmtree(partial, ignore_errors=True)
        return target

    def _spooled(self, kept: Kept) -> Kept:
        part = self._spool.add(kept)
        return replace(
            kept,
            ticks_in_memory=0,
            parts=(*kept.parts, part),
            part_rows=kept.row_counts(),
            columns=empty_columns(),
            rows=dict.fromkeys(schema.TABLES, 0),
        )

    def _write_files(self, folder: Path, status: str) -> None:
        import pyarrow.parquet as pq

        kept = self.kept
        for table in schema.TABLES.values():
            file, columns = folder / table.file_name, arrow_schema(table)
            with pq.ParquetWriter(file, columns, compression="zstd") as writer:
                for batch in kept.batches(table):
                    writer.write_table(batch)
        _write_text(folder / SCENARIO_FILE, self.info.scenario_yaml)
        _write_text(folder / FEEDER_FILE, _json(self.info.feeder_map))
        if self.outside:
            _write_text(folder / OUTSIDE_FILE, outside_text(self.outside))
        files = {path.name: manifest.file_digest(path) for path in sorted(folder.iterdir())}
        _write_text(folder / MANIFEST_FILE, _json(self.manifest(kept, status, files)))

    def manifest(self, kept: Kept, status: str, files: dict[str, str]) -> dict[str, object]:
        """The manifest of a run that has come so far."""
        return manifest.manifest(
            replace(self.info, run_id=self.run_id),
            status,
            kept.ticks,
            kept.row_counts(),
            files,
            len(self.outside),
        )


def _taps_after(kept: Kept, record: TickRecord) -> dict[str, int]:
    taps = {**kept.taps, **{move.regulator: move.tap for move in record.tap_moves}}
    for (name, announced), actual in zip(taps.items(), record.grid.taps, strict=True):
        if announced != actual:
            raise ConservationError(
                f"tap of regulator {name!r}", record.tick, announced, actual, "steps"
            )
    return taps


def _json(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
