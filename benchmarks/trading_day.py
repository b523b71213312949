"""Where the processor time of a trading day goes, and its memory.

    python benchmarks/trading_day.py [--ticks N]

Times every call into the EVM and into OpenDSS from outside. "Everything else" is Mesa, strategies,
ABI coding, recording, checks and the writing of the tables.

Three processes one after the other: the first finds no generated code and makes it, the second has
Python compile what the first has left, and the third stands for all that follow.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from p2p_cosim import load
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.grid.opendss import OpenDSSGrid
from p2p_cosim.simulation import Simulation

SCENARIO = Path(__file__).parents[1] / "scenarios" / "trading_day.yaml"
ENGINES = {
    "EVM": (GeneratedChain, ("transact_many", "call", "advance_to", "balance_wei")),
    "OpenDSS": (OpenDSSGrid, ("dispatch", "solve", "set_tap")),
}
LIMIT_S = 1.3  # of CPU for the ticks of 30 houses and 96 intervals, on a quiet machine
MEMORY_LIMIT_MB = 400
PROCESSES = ("first", "second", "third")


def timed(function: Callable[..., Any], spent_s: dict[str, float], engine: str) -> Any:
    """The function, adding its CPU time to what its engine has spent."""

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        begin = time.process_time()
        try:
            return function(*args, **kwargs)
        finally:
            spent_s[engine] += time.process_time() - begin

    return wrapper


def main() -> int:
    """Print a table a process; exit code 1 if one exceeds a limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ticks", type=int, default=96)
    parser.add_argument("--alone", action="store_true", help="this process, with the user's cache")
    arguments = parser.parse_args()
    if arguments.alone:
        return measure(arguments.ticks)
    again = [sys.executable, __file__, "--alone", "--ticks", str(arguments.ticks)]
    with tempfile.TemporaryDirectory() as cache:
        env = {**os.environ, "P2P_COSIM_CACHE": cache}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        codes = []
        for name in PROCESSES:
            print(f"{name} process", flush=True)
            codes.append(subprocess.run(again, env=env, check=False).returncode)
    return max(codes)


def measure(ticks: int) -> int:
    """Print the table of this process; exit code 1 if a limit is exceeded."""
    spent_s = dict.fromkeys(ENGINES, 0.0)
    for engine, (cls, methods) in ENGINES.items():
        for method in methods:
            setattr(cls, method, timed(getattr(cls, method), spent_s, engine))
    with (
        tempfile.TemporaryDirectory() as out,
        Simulation(load(SCENARIO).replace(ticks=ticks), out=out) as simulation,
    ):
        spent_s.update(dict.fromkeys(ENGINES, 0.0))
        begin = time.process_time()
        while not simulation.done:
            simulation.step()
        results = simulation.results()
        total_s = time.process_time() - begin
        transactions = int((results.transactions["tick"] >= 0).sum())
    spent_s["everything else"] = total_s - sum(spent_s.values())
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"trading_day, 30 houses x {ticks} ticks, {transactions} transactions: {total_s:.1f} s")
    for part, seconds in spent_s.items():
        print(f"  {part:<16} {seconds:7.2f} s  {seconds / total_s:6.1%}")
    print(f"  peak memory      {memory_mb:7.0f} MB  (limit {MEMORY_LIMIT_MB})")
    print(f"  a tick           {total_s / ticks * 1000:7.1f} ms (limit {LIMIT_S / 96 * 1000:.1f})")
    return int(total_s / ticks > LIMIT_S / 96 or memory_mb > MEMORY_LIMIT_MB)


if __name__ == "__main__":
    sys.exit(main())
