"""Processes that never outlive this one, and the loopback ports they listen on."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep

START_TIMEOUT_S = 20.0

# Standard input of this shell is a pipe from us, which the kernel closes when this process is
# gone, however it went: at its end, by Ctrl-C, or by kill -9. The shell then kills its group:
# the program, and what the program started. If the program ends by itself, so does the shell.
_GUARD = '{ "$@" </dev/null; kill $$; } & read -r _; kill -9 0'


def start_guarded(
    command: Sequence[str], folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Run a program, without its output, until `stop` or the end of this process.

    Ctrl-C does not reach it: the caller still has results to write.
    """
    return subprocess.Popen(  # noqa: S603 (the caller's command)
        ["/bin/sh", "-c", _GUARD, "guard", *command],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a guarded program and what it started. Harmless a second time."""
    if process.stdin:
        process.stdin.close()
    process.wait()


def free_port() -> int:
    """A loopback port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(process: subprocess.Popen[bytes], port: int) -> bool:
    """Whether a program listens on a port before it ends, or START_TIMEOUT_S are over."""
    deadline = monotonic() + START_TIMEOUT_S
    while process.poll() is None and monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            sleep(0.005)
        else:
            return process.poll() is None
    return False
