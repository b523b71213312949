"""Whether ticks and memory stay level over a long run of 30 houses.

    python benchmarks/long_run.py [--days N]

Runs the trading day so often and prints, for each part of the run, the CPU time of a tick and the
resident memory at its end, and the most memory before and after the tables are written. A year is
365 days; what it would take is said from the last half of the parts, and is an extrapolation unless
all 365 are run.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from p2p_cosim import load
from p2p_cosim.simulation import Simulation
from p2p_cosim.sweeps.task import resident_mb

SCENARIO = Path(__file__).parents[1] / "scenarios" / "trading_day.yaml"
TICKS_A_DAY = 96
PARTS = 8
YEAR_DAYS = 365
LEVEL = 1.5  # times the second part's time of a tick, because the first generates code
MOST_MB = 500  # of the process, with all that it keeps and writes


def peak_mb() -> float:
    """The most memory this process has had, in MB (Linux tells KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def main() -> int:
    """Print the table; exit code 1 if ticks grow slower, or memory beyond MOST_MB."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=21)
    ticks = parser.parse_args().days * TICKS_A_DAY
    with (
        tempfile.TemporaryDirectory() as out,
        Simulation(load(SCENARIO).replace(ticks=ticks), out=out) as simulation,
    ):
        marks = [(0, time.process_time(), resident_mb())]
        print("ticks     ms a tick  resident MB")
        while not simulation.done:
            simulation.step()
            if simulation.tick * PARTS // ticks == len(marks):
                marks.append((simulation.tick, time.process_time(), resident_mb()))
                (before, begin_s, _), (now, end_s, memory_mb) = marks[-2:]
                print(
                    f"{now:>6} {(end_s - begin_s) / (now - before) * 1000:10.1f} {memory_mb:10.0f}"
                )
        stepped_mb = peak_mb()
        simulation.write()
    print(f"most memory: {stepped_mb:.0f} MB in ticks, {peak_mb():.0f} MB with writing the tables")
    tick_s = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(marks)]
    (half, half_s, half_mb), (last, last_s, last_mb) = marks[PARTS // 2], marks[-1]
    day_s = (last_s - half_s) / (last - half) * TICKS_A_DAY
    day_mb = (last_mb - half_mb) / (last - half) * TICKS_A_DAY
    print(f"a day: {day_s:.2f} s of CPU, {day_mb:.1f} MB more, of the recorder's too")
    print(f"a year: {day_s * YEAR_DAYS / 60:.0f} min of CPU, {day_mb * YEAR_DAYS:.0f} MB more")
    return int(tick_s[-1] > LEVEL * tick_s[1] or peak_mb() > MOST_MB)


if __name__ == "__main__":
    sys.exit(main())
