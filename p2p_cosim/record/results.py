"""A run, read back from its folder or while it runs. Needs no EVM, OpenDSS or scenario code."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.errors import ResultsError
from p2p_cosim.core.limits import V_MAX_PU, V_MIN_PU
from p2p_cosim.core.naming import NearNames
from p2p_cosim.core.types import Tariff
from p2p_cosim.record import schema
from p2p_cosim.record.elsewhere import ELSEWHERE
from p2p_cosim.record.folder import existing_folder
from p2p_cosim.record.manifest import RUNNING, file_digest
from p2p_cosim.record.recorder import FEEDER_FILE, SCENARIO_FILE, ParquetRecorder
from p2p_cosim.record.run_tables import RunTables
from p2p_cosim.record.tables import (
    RERUN,
    FolderTables,
    RecorderTables,
    Tables,
    concatenated,
    to_frame,
)

if TYPE_CHECKING:
    import pandas as pd

    from p2p_cosim.record.quality import Quality
    from p2p_cosim.record.summary import Summary


class Results(RunTables, NearNames):
    """One run, from its folder or while it runs. Tables are pandas DataFrames, read when first
    asked for and then kept.

    Columns, units and meanings: docs/results.md, or `schema.TABLES`.

    tables: where rows come from. manifest: what the run was made of, and how far it has come.
    """

    _elsewhere = ELSEWHERE

    def __init__(self, tables: Tables, manifest: Mapping[str, Any]) -> None:
        self.manifest = manifest
        self._tables = tables
        self._frames: dict[str, pd.DataFrame] = {}

    @classmethod
    def load(cls, path: str | Path, *, verify: bool = False) -> Results:
        """Open a results folder.

        verify: also compare every file with the checksum in the manifest.

        Raises ResultsError if the folder is none of a run, is of another format version,
        lacks a file or (with `verify`) holds a changed one.
        """
        tables = FolderTables(existing_folder(Path(path)))
        for name in tables.manifest["sha256"]:
            if not (tables.folder / name).is_file():
                raise ResultsError(f"results folder {tables.folder} lacks '{name}'; {RERUN}")
        results = cls(tables, tables.manifest)
        if verify:
            results.verify()
        return results

    @classmethod
    def of_recorder(cls, recorder: ParquetRecorder) -> Results:
        """The ticks recorded so far, as they are now. Nothing is written."""
        kept = recorder.kept
        tables = RecorderTables(kept, recorder.info)
        return cls(tables, recorder.manifest(kept, RUNNING, {}))

    @property
    def path(self) -> Path:
        """The folder of the run. ResultsError for one that is not written yet."""
        if not isinstance(self._tables, FolderTables):
            raise ResultsError(
                "this run is not written yet and has no folder: Simulation.results() writes it, "
                "plots.save_all(run, folder) draws into a folder of yours"
            )
        return self._tables.folder

    def verify(self) -> None:
        """Raise ResultsError for the first file that differs from its checksum."""
        for name, expected in self.manifest["sha256"].items():
            found = file_digest(self.path / name)
            if found != expected:
                raise ResultsError(
                    f"'{name}' in {self.path} has SHA-256 {found[:12]}..., the manifest says "
                    f"{expected[:12]}...: it changed after the run; {RERUN}"
                )

    def table(self, name: str) -> pd.DataFrame:
        """A table by name. Nullable integers are `Int64`; amounts of money that may pass 2^63
        wei are decimals of pyarrow, of which `frame.balance_wei / 1e18` makes floats.

        Raises ResultsError if there is no such table, its file cannot be read, or the folder
        was written anew since it was opened.
        """
        if name not in schema.TABLES:
            raise ResultsError(f"no table {name!r}: there are {', '.join(schema.TABLES)}")
        if name not in self._frames:
            table = schema.TABLES[name]
            columns = [column.name for column in table.columns]
            self._frames[name] = concatenated(table, columns, self._tables)
        return self._frames[name]

    def frames(self, name: str, *columns: str) -> Iterator[pd.DataFrame]:
        """Some columns of a table in pieces of whole ticks, oldest first, and none of it kept:
        for runs that are larger than memory. Raises as `table` does."""
        for batch in self._tables.batches(schema.TABLES[name], columns):
            yield to_frame(schema.TABLES[name], batch)

    @cached_property
    def scenario(self) -> dict[str, Any]:
        """The scenario as resolved, every default visible."""
        import yaml

        loaded: dict[str, Any] = yaml.safe_load(self._tables.text(SCENARIO_FILE)) or {}
        return loaded

    @property
    def v_limits_pu(self) -> tuple[float, float]:
        """Least and most voltage that the scenario wants at house meters, in pu.

        Those of ANSI C84.1 Range A for a run whose scenario does not say.
        """
        control = self.scenario.get("control", {})
        return float(control.get("v_min_pu", V_MIN_PU)), float(control.get("v_max_pu", V_MAX_PU))

    @cached_property
    def feeder_map(self) -> dict[str, Any]:
        """Buses with coordinates, lines and houses, as in `RunInfo.feeder_map`."""
        loaded: dict[str, Any] = json.loads(self._tables.text(FEEDER_FILE))
        return loaded

    @property
    def name(self) -> str:
        """The scenario's name."""
        return str(self.manifest["scenario"])

    @property
    def seed(self) -> int:
        """The run's seed."""
        return int(self.manifest["seed"])

    @property
    def ticks(self) -> int:
        """Ticks recorded: fewer than the clock's if the run did not complete."""
        return int(self.manifest["ticks"])

    @property
    def status(self) -> str:
        """`complete`, `interrupted` or `failed: ...`; `running` before it is written."""
        return str(self.manifest["status"])

    @cached_property
    def clock(self) -> Clock:
        """Simulated time by tick."""
        clock = self.manifest["clock"]
        return Clock(datetime.fromisoformat(clock["start"]), clock["interval_s"], clock["ticks"])

    @cached_property
    def tariff(self) -> Tariff:
        """Retail and feed-in price."""
        return Tariff(**self.manifest["tariff"])

    @property
    def eur_per_ether(self) -> float:
        """The exchange rate that the scenario fixed."""
        return float(self.manifest["eur_per_ether"])

    @property
    def gas_price_gwei(self) -> float:
        """What the scenario takes a unit of gas to cost."""
        return float(self.manifest["gas_price_gwei"])

    def summary(self) -> Summary:
        """The run in a dozen numbers."""
        from p2p_cosim.record.summary import summarize

        return summarize(self)

    def quality(self) -> Quality:
        """Interruptions and voltage quality of the houses: see `quality.Quality`."""
        from p2p_cosim.record.quality import quality_of

        return quality_of(self)

    def costs(self) -> pd.DataFrame:
        """What every house paid, and would have paid without a market: see `bills.costs`."""
        from p2p_cosim.record.bills import costs

        return costs(self)

    def __repr__(self) -> str:
        rows = self.manifest["rows"]
        shown = f"{self.name!r}, seed={self.seed}, ticks={self.ticks}, trades={rows['trades']}"
        unfinished = "" if self.status == "complete" else f", status={self.status!r}"
        return f"Results({shown}, alarms={rows['alarms']}{unfinished})"

    def _repr_html_(self) -> str:
        return f"<p><code>{html.escape(repr(self))}</code></p>{self.summary()._repr_html_()}"
