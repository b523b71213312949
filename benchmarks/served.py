"""What a served run costs: events, listeners, logs.

    python benchmarks/served.py [--ticks 200] [--listeners 5]

Serves the trading day from a process of its own. Printed: how long after the answer to a step its
last event arrives at a listener (before it where negative); processor time of a step of the
server with that many listeners over one without, in alternating blocks of steps; how long the
logs of one buyer's trades in 400 blocks take to ask for, and all logs, some blocks at a time, with
the server's peak of memory before and after; and the load of the machine. Linux, whose /proc tells
processor time.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from eth_utils.crypto import keccak

from p2p_cosim.chain.artifact import load_artifact

BLOCK_OF_STEPS = 10
BLOCKS_A_PART = 50
_QUIET_S = 0.15  # after a step, so that what it causes is counted with it


class Listener(threading.Thread):
    """Reads the stream of events until it is told to stop. arrived: when each came."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._connection.request("GET", "/events")
        self._stream = self._connection.getresponse()
        self.arrived: list[float] = []
        self.start()

    def run(self) -> None:
        """Note when an event is there."""
        try:
            while line := self._stream.readline():
                if line.startswith(b"data:"):
                    self.arrived.append(time.perf_counter())
        except (OSError, ValueError, AttributeError):
            return  # closed under it

    def stop(self) -> None:
        """Close the connection."""
        self._connection.close()


class Served:
    """A server in a process of its own, at `port`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                return
        raise SystemExit("the server did not start")

    def step(self) -> None:
        """Close the gate."""
        self.post("api/control", {"action": "step"})

    def post(self, path: str, body: object) -> Any:
        """What it answers to a body."""
        answer = requests.post(f"http://127.0.0.1:{self.port}/{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def call(self, method: str, *params: object) -> Any:
        """The result of a JSON-RPC call."""
        answer = self.post("rpc", {"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        if "error" in answer:
            raise SystemExit(f"{method}: {answer['error']}")
        return answer["result"]

    @property
    def peak_mb(self) -> float:
        """The most memory that the server has held so far."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024

    @property
    def processor_s(self) -> float:
        """What the server has used so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(ticks: int, out: str) -> Iterator[Served]:
    """The trading day, so long."""
    command = [sys.executable, "-m", "p2p_cosim", "serve", "trading_day", "--port", "0"]
    command += ["--out", out, "--set", f"ticks={ticks}"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        yield Served(process)
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Measure, and print a line each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--ticks", type=int, default=200)
    parser.add_argument("--listeners", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as out, served(asked.ticks + 1, out) as server:
        for _ in range(BLOCK_OF_STEPS):  # the first ones translate the contract's code
            server.step()
        delays, ratio = steps(server, asked.ticks - BLOCK_OF_STEPS, asked.listeners)
        middle, most = statistics.median(delays), max(delays)
        print(f"event after the answer to its step: median {1e3 * middle:+.1f} ms, ", end="")
        print(f"most {1e3 * most:+.1f} ms, {len(delays)} events")
        print(f"processor time of a step with {asked.listeners} listeners: {ratio:.2f} times")
        logs(server)
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def steps(server: Served, count: int, listeners: int) -> tuple[list[float], float]:
    """Delays of events in s, and the ratio of processor time with listeners to that without."""
    delays: list[float] = []
    spent_s = {0: 0.0, listeners: 0.0}
    for block in range(count // BLOCK_OF_STEPS // 2 * 2):
        number = listeners if block % 2 else 0
        present = [Listener(server.port) for _ in range(number)]
        time.sleep(2 * _QUIET_S)
        for _ in range(BLOCK_OF_STEPS):
            begun, seen = server.processor_s, [len(each.arrived) for each in present]
            server.step()
            answered = time.perf_counter()
            time.sleep(_QUIET_S)
            spent_s[number] += server.processor_s - begun
            delays += [
                each.arrived[-1] - answered
                for each, before in zip(present, seen, strict=True)
                if len(each.arrived) > before
            ]
        for each in present:
            each.stop()
    return delays, spent_s[listeners] / spent_s[0]


def logs(server: Served) -> None:
    """Ask for logs of the last 400 blocks, and of all blocks in parts."""
    head = int(server.call("eth_blockNumber"), 16)
    topic = topic_of("TradeCleared")
    every = {"fromBlock": hex(max(0, head - 399)), "toBlock": hex(head)}
    trades = server.call("eth_getLogs", {**every, "topics": [topic]})
    wanted = {**every, "topics": [topic, None, trades[0]["topics"][2]]}
    times = []
    for _ in range(20):
        begun = time.perf_counter()
        found = server.call("eth_getLogs", wanted)
        times.append(1e3 * (time.perf_counter() - begun))
    print(f"one buyer's trades, 400 blocks of {head}: {len(found)} logs in ", end="")
    print(f"{statistics.median(times):.1f} ms, at most {max(times):.1f} ms, 20 times")
    before_mb, begun, count = server.peak_mb, time.perf_counter(), 0
    for first in range(1, head + 1, BLOCKS_A_PART):
        last = min(head, first + BLOCKS_A_PART - 1)
        count += len(server.call("eth_getLogs", {"fromBlock": hex(first), "toBlock": hex(last)}))
    took_s = time.perf_counter() - begun
    print(f"all {count} logs, {BLOCKS_A_PART} blocks at a time: {took_s:.1f} s; ", end="")
    print(f"the server's peak of memory {before_mb:.0f} MB before, {server.peak_mb:.0f} MB after")


def topic_of(event: str) -> str:
    """The first topic of an event of the market."""
    (found,) = (each for each in load_artifact().abi if each.get("name") == event)
    inputs: Any = found["inputs"]
    types = ",".join(str(each["type"]) for each in inputs)
    return "0x" + keccak(text=f"{event}({types})").hex()


if __name__ == "__main__":
    main()
