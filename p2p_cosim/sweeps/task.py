"""One run of a sweep, wherever it is executed, and what came of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from p2p_cosim.core.errors import CosimError
from p2p_cosim.record import RunIdentity
from p2p_cosim.record.identity import differences
from p2p_cosim.run_identity import run_identity
from p2p_cosim.scenario import Scenario

COMPLETE, FAILED, TIMED_OUT, OVER_MEMORY = "complete", "failed", "timed out", "over memory"
LOST = "lost"  # with its worker: nothing is known of the run itself
WAITING = "waiting"
READY = b"ready"
"""What a worker says when it has imported everything, before the time of its first run counts."""

_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6 if hasattr(os, "sysconf") else 0.0
_STATM = Path("/proc/self/statm")


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is told. plugins: objects by role, as `p2p_cosim.run` takes them.

    timeout_s, memory_mb: where a run is stopped, after the tick in which it passes the limit.
    identity: what the run was told to be; a worker that would make another one of it does not run.
    """

    scenario: Scenario
    out: Path
    plugins: Mapping[str, Any] = field(default_factory=dict)
    timeout_s: float | None = None
    memory_mb: float | None = None
    identity: RunIdentity | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run. summary: its figures by name, if it is complete.

    seconds: wall clock; cpu_s: of the worker; memory_mb: resident after the run.
    """

    status: str
    error: str = ""
    seconds: float = 0.0
    cpu_s: float = 0.0
    memory_mb: float = 0.0
    summary: Mapping[str, object] | None = None


class _LimitError(CosimError):
    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


def execute(task: Task) -> Outcome:
    """Run it and write it. Whatever it raises is an outcome, except an interrupt."""
    from p2p_cosim.running import run

    begun, cpu = time.perf_counter(), time.process_time()

    def outcome(
        status: str, error: str = "", summary: Mapping[str, object] | None = None
    ) -> Outcome:
        seconds, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
        return Outcome(status, error, seconds, cpu_s, resident_mb(), summary)

    try:
        _check_identity(task)
        results = run(
            task.scenario, out=task.out, on_tick=_limits(task, begun), **dict(task.plugins)
        )
        return outcome(COMPLETE, summary=results.summary().as_dict())
    except _LimitError as limit:
        return outcome(limit.status, _told(limit))
    except Exception as error:  # one run never ends the others
        return outcome(FAILED, _told(error))


def _check_identity(task: Task) -> None:
    """A worker elsewhere, or started from another folder, may have other code than its sweep."""
    if task.identity is None:
        return
    own = run_identity(task.scenario, task.plugins)
    if own.run_id != task.identity.run_id:
        found = differences(task.identity, own.as_dict()) or ["a file or plug-in that has changed"]
        raise CosimError(
            f"the worker would make another run of it, with {'; '.join(found)}; its code is that "
            f"of {Path(__file__).parents[1]}: give workers the code of the sweep, or start "
            "it again"
        )


def _limits(task: Task, begun: float) -> Callable[[object], None]:
    def check(_record: object) -> None:
        if task.timeout_s is not None and time.perf_counter() - begun > task.timeout_s:
            raise _LimitError(TIMED_OUT, f"took longer than {task.timeout_s:g} s")
        if task.memory_mb is not None and (used := resident_mb()) > task.memory_mb:
            raise _LimitError(
                OVER_MEMORY, f"used {used:.0f} MB, more than the limit of {task.memory_mb:g} MB"
            )

    return check


def _told(error: BaseException) -> str:
    notes = "; ".join(getattr(error, "__notes__", ()))
    known = isinstance(error, CosimError)
    text = str(error) if known else f"{type(error).__name__}: {error}"
    return f"{text} ({notes})" if notes else text


def resident_mb() -> float:
    """Memory of this process in MB: at the moment on Linux, the most so far elsewhere."""
    if _STATM.exists():
        return int(_STATM.read_text().split()[1]) * _PAGE_MB
    import resource
    import sys

    unit = 1 if sys.platform == "darwin" else 1024  # macOS tells bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
