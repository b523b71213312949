"""What a house and tick cost, by part, as a market grows: the table of docs/scaling.md.

    python benchmarks/scaling.py [--houses 30 100 300 1000] [--ticks 96] [--feeder ieee13] [--write]

Processor time of a run of the trading day with so many houses: `chain` is the EVM with all that
reads and writes it (placing, clearing, settling, accounts), `grid` the power flows, `rest` all
else: forecasts and orders, meters, control, records. Every size runs in a process of its own, whose
peak memory is told; writing the tables is apart.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from p2p_cosim import Simulation, load

PAGE = Path(__file__).parents[1] / "docs" / "scaling.md"
BEGIN, END = "<!-- begin scaling -->", "<!-- end scaling -->"
WARM_TICKS = 2  # in which the contract's code is translated; told as set-up
HEAD = (
    "| feeder | houses | ticks | set-up, s | chain, ms | grid, ms | rest, ms | a house and tick, "
    "ms | whole run, s | tables, s, MB | peak memory, MB | gas of the fullest block |\n"
    + "|---"
    * 12
)


def timed(spent: Counter[str], part: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which adds its processor time to a part."""

    def measured(*args: object, **named: object) -> object:
        begun = time.process_time()
        try:
            return function(*args, **named)
        finally:
            spent[part] += time.process_time() - begun  # type: ignore[assignment]

    return measured


def measure(feeder: str, houses: int, ticks: int) -> dict[str, Any]:
    """One run; seconds by part, without the first ticks."""
    size = {"feeder.name": feeder, "houses.count": houses, "clock.ticks": ticks}
    scenario = load("trading_day").replace(size | {"profiles.model": "simple"})
    begun = time.process_time()
    with tempfile.TemporaryDirectory() as out, Simulation(scenario, out=out) as simulation:
        model, spent = simulation.model, Counter[str]()
        for _ in range(WARM_TICKS):
            simulation.step()
        for name in ("close_gate", "settle", "ledger"):
            setattr(model.market, name, timed(spent, "chain", getattr(model.market, name)))
        model.grid.solve = timed(spent, "grid", model.grid.solve)  # type: ignore[method-assign]
        warm = time.process_time()
        fullest = 0
        while not simulation.done:
            last = simulation.step()
            blocks = (last.gate.receipts, [("", each) for each in last.settle_receipts])
            fullest = max(fullest, *(sum(r.gas_used for _, r in block) for block in blocks))
        done = time.process_time()
        run = simulation.results()
        written = time.process_time()
        disk = sum(file.stat().st_size for file in run.path.iterdir())
    return {
        "feeder": feeder,
        "houses": houses,
        "ticks": ticks,
        "set_up": warm - begun,
        "chain": spent["chain"],
        "grid": spent["grid"],
        "rest": done - warm - spent["chain"] - spent["grid"],
        "whole": written - begun,
        "write": written - done,
        "disk_mb": disk / 1e6,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        "fullest_gas": fullest,
    }


def row(found: dict[str, Any]) -> str:
    """A line of the table."""
    ticks = found["ticks"] - WARM_TICKS
    parts = [1e3 * found[part] / ticks for part in ("chain", "grid", "rest")]
    return (
        f"| {found['feeder']} | {found['houses']:,} | {found['ticks']} | {found['set_up']:.1f} | "
        + " | ".join(f"{each:.1f}" for each in parts)
        + f" | {sum(parts) / found['houses']:.2f} | {found['whole']:.0f} | "
        f"{found['write']:.1f}, {found['disk_mb']:.1f} | {found['peak_mb']:.0f} | "
        f"{found['fullest_gas'] / 1e6:.0f} million |"
    )


def main() -> None:
    """Measure every size, print, and write the page if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--houses", type=int, nargs="+", default=[30, 100, 300, 1000])
    parser.add_argument("--ticks", type=int, default=96)
    parser.add_argument("--feeder", nargs="+", default=["ieee13"])
    parser.add_argument("--write", action="store_true", help="put the table into docs/scaling.md")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.feeder[0], given.houses[0], given.ticks)))
        return
    lines = [HEAD]
    print(HEAD)
    for feeder in given.feeder:
        for houses in given.houses:
            size = ["--houses", str(houses), "--ticks", str(given.ticks), "--feeder", feeder]
            told = subprocess.run(
                [sys.executable, __file__, *size, "--one"], check=True, stdout=subprocess.PIPE
            )
            lines.append(row(json.loads(told.stdout.splitlines()[-1])))
            print(lines[-1], flush=True)
    if given.write:
        text, table = PAGE.read_text(encoding="utf-8"), "\n".join(lines)
        before, after = text.partition(BEGIN)[0], text.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
