"""What a sweep takes beside its runs, and what a second worker brings.

    python benchmarks/sweep_overhead.py [--runs 200] [--ticks 96] [--houses 30]

Two figures stand for each number of workers, and hold on a loaded machine too. The overhead is all
processor time, of the sweep and its workers, that is not spent in runs, over that in runs. The busy
share is the wall time that runs take over the wall time of the sweep, a worker: workers that wait
for the sweep lower it. What two workers bring on two free cores is the ratio of both busy shares,
times two, times the ratio of the processor time a run; the ratio of wall times stands beside it and
is only worth something if no other process wants the cores.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

import p2p_cosim as p2p
from p2p_cosim.sweeps import Finding, Plan, Settings, make_plan
from p2p_cosim.sweeps.engine import run_plan

LIMIT_OVERHEAD, LIMIT_SPEED_UP = 0.05, 1.8


def measure(plan: Plan, workers: int, out: Path) -> dict[str, float]:
    """Wall and processor seconds of a sweep: `wall_s`, `cpu_s`, `runs_cpu_s`, `runs_wall_s`."""
    done: list[Finding] = []
    wall, cpu = time.perf_counter(), _cpu_s()
    found = run_plan(plan, Settings(out, workers), done.append)
    outcomes = [each.outcome for each in found]
    assert {each.status for each in outcomes} == {"complete"}
    assert len(done) == len(plan.runs)  # none was there before, none twice
    return {
        "wall_s": time.perf_counter() - wall,
        "cpu_s": _cpu_s() - cpu,
        "runs_cpu_s": sum(each.cpu_s for each in outcomes),
        "runs_wall_s": sum(each.seconds for each in outcomes),
    }


def _cpu_s() -> float:
    """Of this process and of workers that have ended."""
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main() -> None:
    """Run the same sweep with one worker and with two, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--ticks", type=int, default=96)
    parser.add_argument("--houses", type=int, default=30)
    given = parser.parse_args()
    base = p2p.load("trading_day").replace(
        {"clock.ticks": given.ticks, "houses.count": given.houses}
    )
    plan = make_plan(base, seeds=given.runs, name="overhead")
    print(f"{given.runs} runs of {given.ticks} ticks, {given.houses} houses; load {_load()}")
    print("workers  wall s  CPU s  in runs  overhead  busy  CPU s a run")
    found = {}
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as out:
            took = found[workers] = measure(plan, workers, Path(out))
        took["overhead"] = took["cpu_s"] / took["runs_cpu_s"] - 1
        took["busy"] = took["runs_wall_s"] / (workers * took["wall_s"])
        print(
            f"{workers:7d}  {took['wall_s']:6.1f}  {took['cpu_s']:5.1f}  "
            f"{took['runs_cpu_s']:7.1f}  {took['overhead']:8.1%}  {took['busy']:4.0%}  "
            f"{took['runs_cpu_s'] / given.runs:11.3f}"
        )
    one, two = found[1], found[2]
    cores = 2 * two["busy"] / one["busy"] * one["runs_cpu_s"] / two["runs_cpu_s"]
    print(f"two workers on two free cores: {cores:.2f} (limit {LIMIT_SPEED_UP})")
    print(f"wall time of one over that of two, as measured: {one['wall_s'] / two['wall_s']:.2f}")
    print(f"overhead of two: {two['overhead']:.1%} (limit {LIMIT_OVERHEAD:.0%}); load {_load()}")


def _load() -> str:
    return " ".join(f"{each:.1f}" for each in os.getloadavg())


if __name__ == "__main__":
    main()
