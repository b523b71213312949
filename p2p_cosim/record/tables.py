"""Where the rows of a run come from: its folder, or the recorder of a run under way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.errors import ResultsError
from p2p_cosim.record import schema
from p2p_cosim.record.columns import arrow_schema
from p2p_cosim.record.folder import MANIFEST_FILE, first_of, run_folders
from p2p_cosim.record.kept import Kept
from p2p_cosim.record.manifest import digest
from p2p_cosim.record.recorder import FEEDER_FILE, SCENARIO_FILE
from p2p_cosim.record.run_info import RunInfo

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

RERUN = "run the scenario again to write it anew"


class Tables(Protocol):
    """The tables of one run at one moment."""

    def batches(self, table: schema.Table, columns: Sequence[str]) -> Iterator[pa.Table]:
        """These columns of a table, in pieces of whole ticks, oldest first, none empty."""
        ...

    def text(self, name: str) -> str:
        """The content of `scenario.yaml` or `feeder.json`."""
        ...


class RecorderTables(Brief):
    """The ticks recorded so far. Later ones do not show, so that all tables tell the same."""

    def __init__(self, kept: Kept, info: RunInfo) -> None:
        self._kept = kept
        self._texts = {
            SCENARIO_FILE: info.scenario_yaml,
            FEEDER_FILE: json.dumps(info.feeder_map),
        }

    def batches(self, table: schema.Table, columns: Sequence[str]) -> Iterator[pa.Table]:
        """See `Tables`."""
        for batch in self._kept.batches(table):
            yield batch.select(list(columns))

    def text(self, name: str) -> str:
        """See `Tables`."""
        return self._texts[name]


class FolderTables(Brief):
    """A results folder. It notices when another run is written in its place.

    Raises ResultsError if the folder is none of a run or of another format version.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        text = _manifest_text(folder)
        self._stamp = digest(text)
        self.manifest = _checked_manifest(folder, text)

    def batches(self, table: schema.Table, columns: Sequence[str]) -> Iterator[pa.Table]:
        """See `Tables`."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self.folder / table.file_name) as stored:
                self._check_unchanged()
                lacking = sorted(set(columns) - set(stored.schema_arrow.names))
                if lacking:
                    raise ResultsError(
                        f"table '{table.name}' in {self.folder} lacks {lacking}; {RERUN}"
                    )
                for number in range(stored.num_row_groups):
                    yield stored.read_row_group(number, list(columns))
        except FileNotFoundError as error:
            self._check_unchanged()
            raise ResultsError(f"{self.folder} lacks '{table.file_name}'; {RERUN}") from error
        except (OSError, pa.ArrowException) as error:
            raise ResultsError(
                f"'{table.file_name}' in {self.folder} cannot be read ({error}); {RERUN}"
            ) from error

    def text(self, name: str) -> str:
        """See `Tables`."""
        try:
            content = (self.folder / name).read_text(encoding="utf-8")
        except OSError as error:
            raise ResultsError(f"cannot read '{name}' in {self.folder}: {error}") from error
        self._check_unchanged()
        return content

    def _check_unchanged(self) -> None:
        """An open file stays what it was, so a table read after this is of the run opened."""
        if digest(_manifest_text(self.folder)) != self._stamp:
            raise ResultsError(
                f"{self.folder} was written anew since it was opened: open it again with "
                "Results.load, what was read before belongs to the older run"
            )


def concatenated(table: schema.Table, columns: Sequence[str], tables: Tables) -> pd.DataFrame:
    """A whole table as one frame."""
    import pyarrow as pa

    empty = arrow_schema(table).empty_table().select(list(columns))
    whole = pa.concat_tables([empty, *tables.batches(table, columns)])
    return to_frame(table, whole.combine_chunks())


def to_frame(table: schema.Table, stored: pa.Table) -> pd.DataFrame:
    """Arrow to pandas: integers stay integers, wide decimals stay decimals."""
    import pandas as pd
    import pyarrow as pa

    wide = pa.decimal128(schema.WIDE_DIGITS, 0)
    frame: pd.DataFrame = stored.to_pandas(
        integer_object_nulls=True, types_mapper={wide: pd.ArrowDtype(wide)}.get
    )
    nullable = {c.name for c in table.columns if c.nullable and c.dtype == "int64"}
    return frame.astype({name: "Int64" for name in frame.columns if name in nullable})


def _manifest_text(folder: Path) -> str:
    try:
        return (folder / MANIFEST_FILE).read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise _no_run(folder) from None


def _checked_manifest(folder: Path, text: str) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(text)
        version = manifest["format_version"]
    except (ValueError, KeyError, TypeError):
        raise _no_run(folder) from None
    if version != schema.FORMAT_VERSION:
        raise ResultsError(
            f"{folder} has format version {version}, this p2p_cosim reads "
            f"{schema.FORMAT_VERSION}: install the version that wrote it "
            f"({manifest.get('versions', {}).get('p2p-cosim')}), or {RERUN}"
        )
    return manifest


def _no_run(folder: Path) -> ResultsError:
    inside = run_folders(folder)
    remedy = "give <results>/<scenario>/<run id>"
    if inside:
        count = f"{len(inside)} run{'s'[: len(inside) != 1]}"
        newest = f"p2p_cosim.latest({str(folder)!r}) takes the newest"
        remedy = f"it holds {count}, {first_of(inside)}: give one; {newest}"
    return ResultsError(f"{folder} is not a results folder (no readable {MANIFEST_FILE}): {remedy}")
