"""Files beside a run: what is to be sent (outbox), and what has arrived (receipts).

    <results>/<scenario>/<run id>.alerts/outbox.jsonl     one event a line, in order
    <results>/<scenario>/<run id>.alerts/receipts.jsonl   one line a delivered event

The outbox depends on the run alone and repeats byte for byte. Receipts hold wall-clock time
and differ; neither is part of the run's tables or their checksums.

Both are append-only. An append is one write, followed by fsync before it returns: a line
that was appended survives a killed process and a power cut. A line cut short by either has
no newline; readers leave it out, and the next append takes its place.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from p2p_cosim.core.errors import InputError
from p2p_cosim.notify.events import Event, read_event

SUFFIX = ".alerts"
OUTBOX_FILE, RECEIPTS_FILE = "outbox.jsonl", "receipts.jsonl"
_PARTIAL = ".partial"


def alerts_folder(run: Path) -> Path:
    """Where the alerts of a run lie, given its results folder or that folder itself.

    The results folder need not exist: a run that was killed leaves its alerts.
    """
    if run.name.endswith(SUFFIX):
        return run
    return run.with_name(run.name.removesuffix(_PARTIAL) + SUFFIX)


class Outbox:
    """The events of one run. The first append replaces what an earlier run of it left,
    because the same run raises the same events again."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / OUTBOX_FILE
        self._begun = False

    def append(self, events: Sequence[Event]) -> None:
        """Keep events, in order; when this returns they are on the disk."""
        if not events:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self._begun:
            self.path.unlink(missing_ok=True)
            self._begun = True
        _append(self.path, [event.model_dump_json() for event in events])

    def read(self) -> list[Event]:
        """Every event, each once, in order of first appearance.

        Raises InputError if there is no outbox, or for a line that is no event.
        """
        if not self.path.is_file():
            raise InputError(
                f"there is no outbox {self.path}: the run raised no alert, or its scenario "
                "sets notify.sink to null"
            )
        events: dict[str, Event] = {}
        for number, line in _lines(self.path):
            event = read_event(line, f"{self.path}, line {number},")
            events.setdefault(event.event_id, event)
        return list(events.values())


class Receipts:
    """Which events have arrived. Only the holder of the lock may add to them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / RECEIPTS_FILE

    def delivered(self) -> set[str]:
        """Ids of the events that a receiver has acknowledged."""
        if not self.path.is_file():
            return set()
        return {str(json.loads(line)["event_id"]) for _, line in _lines(self.path)}

    def add(self, event_id: str, attempts: int) -> None:
        """Note that an event was acknowledged at its n-th attempt."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        _append(
            self.path, [json.dumps({"event_id": event_id, "attempts": attempts, "arrived_at": at})]
        )

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the only sender of this run, so that no event is posted twice at a time.

        The operating system drops the lock of a process that dies.
        Raises InputError if another process sends, or where POSIX locks do not exist.
        """
        try:
            import fcntl
        except ImportError:
            raise InputError(
                "sending alerts needs POSIX file locks: write them with notify.sink jsonl here, "
                "and flush the outbox from Linux or macOS"
            ) from None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("wb") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InputError(
                    f"another process sends the alerts in {self.path.parent}: wait until it is done"
                ) from None
            yield


def _append(path: Path, lines: Sequence[str]) -> None:
    with path.open("ab+", buffering=0) as handle:
        handle.seek(0)
        handle.truncate(handle.read().rfind(b"\n") + 1)  # no half line before this one
        handle.write("".join(f"{line}\n" for line in lines).encode())
        os.fsync(handle.fileno())


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    *whole, _cut_short = path.read_bytes().split(b"\n")
    for number, line in enumerate(whole, start=1):
        yield number, line.decode()
