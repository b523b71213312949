"""What telling people costs a run: nothing, also when nobody listens.

    python benchmarks/alerts.py

Runs three hours in which every house loses its supply at noon, in turn without a sink, with the
outbox alone, and with a webhook that nobody listens at. Then flushes the outbox of the last
to a receiver and counts what arrives.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import p2p_cosim as p2p
from p2p_cosim.notify import Outbox, alerts_folder

REPEATS, HOUSES, TICKS, NOON = 5, 30, 12, 4
DEAD = "http://127.0.0.1:9/webhook"  # the discard port: connections are refused
SINKS: dict[str, dict[str, object]] = {
    "null": {"sink": None},
    "jsonl": {"sink": "jsonl"},
    "webhook, down": {"sink": "webhook", "url": DEAD},
}


def scenario(notify: dict[str, object]) -> p2p.Scenario:
    """Three hours round noon, with an outage of every house for one."""
    schedule = [
        {
            "kind": "house_outage",
            "place": f"house_{house}",
            "start_tick": NOON,
            "end_tick": NOON + 4,
        }
        for house in range(1, HOUSES + 1)
    ]
    data = {
        "name": "everybody_out",
        "clock": {"start": datetime(2024, 6, 21, 11), "ticks": TICKS},
        "houses": {"count": HOUSES},
        "faults": {"schedule": schedule},
        "notify": notify,
    }
    return p2p.Scenario.model_validate(data)


def main() -> None:
    """Measure, and print."""
    os.environ["P2P_ALERT_TOKEN"] = secrets.token_urlsafe(16)
    logging.disable(logging.WARNING)  # the webhook says after each run that nobody listens
    seconds: dict[str, list[float]] = {name: [] for name in SINKS}
    with tempfile.TemporaryDirectory() as out:
        for _ in range(REPEATS):
            for name, notify in SINKS.items():
                start_s = time.perf_counter()
                run = p2p.run(scenario(notify), out=out)
                seconds[name].append(time.perf_counter() - start_s)
        base = statistics.median(seconds["null"])
        print(f"{len(run.alerts)} alerts in a run of {run.ticks} ticks, {REPEATS} runs each")
        for name, taken in seconds.items():
            median = statistics.median(taken)
            print(
                f"  {name:14} median {median:.2f} s ({median / base:.2f} of null), "
                f"{min(taken):.2f} to {max(taken):.2f} s"
            )
        _flush(run.path)


def _flush(run: Path) -> None:
    arrived: Counter[str] = Counter()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrived[json.loads(body)["event_id"]] += 1
            self.send_response(202)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    notices = Outbox(alerts_folder(run)).read()
    kept = {notice.event_id for notice in notices}
    houses = sum(len(notice.houses) for notice in notices)
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        command = [Path(sys.executable).with_name("p2p-cosim"), "alerts", "flush", run]
        subprocess.run([*command, "--url", url], check=True)
        server.shutdown()
    once = set(arrived) == kept and set(arrived.values()) == {1}
    print(
        f"  in the outbox {len(kept)} notices of {houses} alerts, arrived after a flush "
        f"{len(arrived)}, each once: {once}"
    )


if __name__ == "__main__":
    main()
