"""A real n8n on loopback, in a home of its own that is gone afterwards."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

# As docs/alerts.md recommends: every execution evaluates its expressions in an isolate of its
# own, and with one in stock the second message of an alert waits until another is made.
SETTINGS = {
    "N8N_EXPRESSION_ENGINE_POOL_SIZE": "8",
    "N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE": "true",
    "N8N_EXPRESSION_ENGINE_COMPILE_CACHE": "true",
}
HERE = Path(__file__).parent
N8N = HERE / "node_modules" / ".bin" / "n8n"
_START_S, _STOP_S = 90.0, 20.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path) -> dict[str, str]:
    """Variables under which n8n keeps to itself and to 127.0.0.1."""
    return {
        **os.environ,
        "N8N_BIN": str(N8N),
        "N8N_USER_FOLDER": str(home),
        "N8N_ENCRYPTION_KEY": secrets.token_hex(16),
        "N8N_LISTEN_ADDRESS": "127.0.0.1",
        "N8N_PORT": str(free_port()),
        "N8N_RUNNERS_BROKER_LISTEN_ADDRESS": "127.0.0.1",
        "N8N_RUNNERS_BROKER_PORT": str(free_port()),
        "N8N_DIAGNOSTICS_ENABLED": "false",
        "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
        "N8N_TEMPLATES_ENABLED": "false",
        "N8N_PUBLIC_API_DISABLED": "true",
        "N8N_DISABLE_UI": "true",
        "N8N_PERSONALIZATION_ENABLED": "false",
        "N8N_LOG_LEVEL": "warn",
        # Modules that would call out to the vendor, and that no alert needs.
        "N8N_DISABLED_MODULES": "mcp-registry,insights,instance-ai,agents,chat-hub",
        **SETTINGS,
    }


@contextmanager
def running(env: dict[str, str], log: Path) -> Iterator[str]:
    """Start n8n and give the webhook's address once the workflow listens there."""
    url = f"http://127.0.0.1:{env['N8N_PORT']}/webhook/p2p-alert"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [N8N, "start"], env=env, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait_until_live(url, process, log)
        yield url
    finally:
        _stop(process)


def _wait_until_live(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Health pages answer before workflows are active. A POST without the token tells: 404
    before, 403 from then on."""
    end_s = time.monotonic() + _START_S
    while time.monotonic() < end_s and process.poll() is None:
        try:
            if requests.post(url, json={}, timeout=5).status_code == 403:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.2)
    sys.exit(f"n8n does not listen at {url}; it said:\n{log.read_text()[-3000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """n8n and its task runner are one process group, and some of it may ignore SIGTERM."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(_STOP_S)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
