"""Files beside a run: what is to be sent (outbox), and what was handed over (receipts).

    <results>/<scenario>/<run id>.alerts/outbox.jsonl     one notice a line, in order
    <results>/<scenario>/<run id>.alerts/receipts.jsonl   one line a notice handed over

The outbox depends on the run alone and repeats byte for byte. Receipts hold wall-clock time
and differ; neither is part of the run's tables or their checksums.

Both are append-only. An append is one write, followed by fsync before it returns: a line
that was appended survives a killed process and a power cut. A line cut short by either has
no newline; readers leave it out, and the next append takes its place.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from filelock import FileLock, Timeout

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.errors import InputError
from p2p_cosim.notify.notices import Notice, read_notice

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


class State(StrEnum):
    """How far a notice has come, as far as its sender knows.

    HANDED_OVER: a receiver has taken it and will show it; n8n paces its messages.
    SHOWN: a receiver that shows at once has shown it. KNOWN: a receiver said that it had it
    before, and did nothing.
    """

    HANDED_OVER = "handed over"
    SHOWN = "shown"
    KNOWN = "known"


class Outbox(Brief):
    """The notices of one run. The first append replaces what an earlier run of it left,
    because the same run has the same notices again."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / OUTBOX_FILE
        self._begun = False

    def append(self, notices: Sequence[Notice]) -> None:
        """Keep notices, in order; when this returns they are on the disk."""
        if not notices:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self._begun:
            self.path.unlink(missing_ok=True)
            self._begun = True
        _append(self.path, [notice.to_json() for notice in notices])

    def read(self) -> list[Notice]:
        """Every notice, each once, in order of first appearance.

        Raises InputError if there is no outbox, or for a line that is no notice.
        """
        if not self.path.is_file():
            raise InputError(
                f"there is no outbox {self.path}: the run raised no alert, or its scenario "
                "sets notify.sink to null"
            )
        notices: dict[str, Notice] = {}
        for number, line in _lines(self.path):
            notice = read_notice(line, f"{self.path}, line {number},")
            notices.setdefault(notice.event_id, notice)
        return list(notices.values())


class Receipts(Brief):
    """Which notices were handed over. Only the holder of the lock may add to them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / RECEIPTS_FILE

    def states(self) -> Mapping[str, State]:
        """By event_id, the newest that a receiver said; nothing of a notice that waits.

        Raises InputError for a line that is no receipt.
        """
        if not self.path.is_file():
            return {}
        found: dict[str, State] = {}
        for number, line in _lines(self.path):
            try:
                receipt = json.loads(line)
                state = State(receipt["state"])
                # Known says nothing new of one that this sender handed over itself.
                if state is not State.KNOWN or receipt["event_id"] not in found:
                    found[str(receipt["event_id"])] = state
            except (ValueError, KeyError, TypeError):
                raise InputError(
                    f"{self.path}, line {number}, is no receipt: remove the file to send anew"
                ) from None
        return found

    def add(self, event_id: str, attempts: int, state: State = State.HANDED_OVER) -> None:
        """Note what a receiver said to a notice at its n-th attempt."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        receipt = {"event_id": event_id, "state": state, "attempts": attempts, "at": at}
        _append(self.path, [json.dumps(receipt)])

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the only sender of this run, so that no notice is posted twice at a time.

        The operating system drops the lock of a process that dies.
        Raises InputError if another process sends, or if the folder takes no lock.
        """
        # A run may be closed from another thread than the one that ran it.
        lock = FileLock(self.path.with_suffix(".lock"), timeout=0, thread_local=False)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            raise InputError(
                f"another process sends the alerts in {self.path.parent}: wait until it is done"
            ) from None
        except OSError as error:
            raise InputError(f"{self.path.parent} cannot be locked: {error.strerror}") from None
        try:
            yield
        finally:
            lock.release()


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
