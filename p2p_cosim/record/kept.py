"""What a recorder has of a run at one moment: older ticks on disk, newer ones in memory."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from p2p_cosim.core.brief import Brief
from p2p_cosim.record import schema
from p2p_cosim.record.columns import Values, arrow_schema, arrow_table, empty
from p2p_cosim.record.folder import cannot_write, hidden_sibling

if TYPE_CHECKING:
    import pyarrow as pa


def empty_columns() -> dict[str, list[Values]]:
    """Columns without rows for every table."""
    return {name: empty(table) for name, table in schema.TABLES.items()}


@dataclass(frozen=True, slots=True, repr=False)
class Kept(Brief):
    """Whole ticks of a run. A value: it stays what it is while the recorder goes on.

    ticks: recorded so far; ticks_in_memory: those of them that are in no part yet.
    parts: files on disk, oldest first; part_rows: rows in all of them, by table.
    columns: by table, with `rows` rows that count; rows of a newer tick may stand behind them.
    taps: after the last tick, by regulator.
    """

    ticks: int
    ticks_in_memory: int
    parts: tuple[Path, ...]
    part_rows: Mapping[str, int]
    columns: Mapping[str, Sequence[Values]]
    rows: Mapping[str, int]
    taps: Mapping[str, int]

    def batches(self, table: schema.Table) -> Iterator[pa.Table]:
        """The table, one Arrow table a part, without empty ones."""
        import pyarrow as pa

        for part in self.parts:
            file = part / f"{table.name}.arrow"
            if file.exists():
                with pa.memory_map(str(file)) as source, pa.ipc.open_file(source) as reader:
                    yield reader.read_all()
        if self.rows[table.name]:
            yield arrow_table(table, self.columns[table.name], self.rows[table.name])

    def row_counts(self) -> dict[str, int]:
        """Rows by table."""
        return {name: self.part_rows[name] + rows for name, rows in self.rows.items()}


class Spool:
    """Parts of a run on disk, beside the folder it will be written to.

    They go away with their recorder; a process that is killed leaves a hidden folder.
    target: the run's folder; None puts the parts among the system's temporary files.
    """

    def __init__(self, target: Path | None) -> None:
        self._target = target
        self._folder: Path | None = None

    def add(self, kept: Kept) -> Path:
        """Write what is in memory as the next part and return its folder.

        A part that was cut short has the same name and is written anew. Raises StorageError
        if it cannot be written.
        """
        import pyarrow as pa

        try:
            part = self._made() / f"{len(kept.parts):05d}"
            part.mkdir(exist_ok=True)
            options = pa.ipc.IpcWriteOptions(compression="zstd")
            for name, table in schema.TABLES.items():
                if rows := kept.rows[name]:
                    file, columns = part / f"{name}.arrow", arrow_schema(table)
                    with pa.ipc.new_file(str(file), columns, options=options) as writer:
                        writer.write_table(arrow_table(table, kept.columns[name], rows))
        except OSError as error:
            raise cannot_write(self._target or Path(tempfile.gettempdir()), error) from error
        return part

    def _made(self) -> Path:
        if self._folder is None:
            if self._target is None:
                folder = Path(tempfile.mkdtemp(prefix="p2p_cosim."))
            else:
                folder = hidden_sibling(self._target, "parts")
                folder.mkdir(parents=True)
            weakref.finalize(self, _remove, folder, os.getpid())
            self._folder = folder
        return self._folder


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # a forked copy of the recorder does not own the parts
        shutil.rmtree(folder, ignore_errors=True)
