"""SQL over all runs of a sweep, by DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from p2p_cosim.core.errors import InputError
from p2p_cosim.record import schema

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_CLOSED = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "enable_external_access": "false",
    "python_enable_replacements": "false",
}


class Named(Protocol):
    """A run by its folder's name."""

    @property
    def index(self) -> int: ...  # noqa: D102
    @property
    def run_id(self) -> str: ...  # noqa: D102


def select(
    query: str, runs_table: pd.DataFrame, runs: Sequence[Named], out: Path, scenario_name: str
) -> pd.DataFrame:
    """The rows of one SELECT.

    DuckDB gets the runs' Parquet files from pyarrow, by name of table, and can itself open no
    file, no address and no extension, so that a query reads this sweep and changes nothing.

    Raises InputError for a query that DuckDB refuses.
    """
    import duckdb

    ids = {run.index: run.run_id for run in runs}
    with duckdb.connect(":memory:", config=dict(_CLOSED)) as connection:
        named = runs_table.reset_index()
        named.insert(0, "run_id", [ids[index] for index in runs_table.index])
        connection.register("runs", named)
        for table in schema.TABLES.values():
            _register(connection, table, sorted(set(ids.values())), out / scenario_name)
        connection.execute("SET lock_configuration = true")
        try:
            frame: pd.DataFrame = connection.sql(query).df()
        except (duckdb.Error, AttributeError) as error:
            tables = ", ".join(("runs", *schema.TABLES))
            raise InputError(f"SQL: {error}; the tables are {tables}") from None
    return frame


def _register(
    connection: duckdb.DuckDBPyConnection, table: schema.Table, ids: Sequence[str], folder: Path
) -> None:
    import pyarrow as pa
    import pyarrow.dataset as ds

    files = [str(folder / run_id / table.file_name) for run_id in ids]
    by_folder = ds.DirectoryPartitioning(pa.schema([("run_id", pa.string())]))
    data = ds.dataset(
        files, format="parquet", partitioning=by_folder, partition_base_dir=str(folder)
    )
    connection.register(table.name, data)
