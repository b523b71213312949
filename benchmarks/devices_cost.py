"""CPU time of a trading day with batteries, cars and forecasts from the past, over the plain day's.

python benchmarks/devices_cost.py [--repeats 3]

Runs of both take turns in one process, after one of each that does not count; medians.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

from p2p_cosim import load, run

ROOT = Path(__file__).parents[1]
LIMIT = 1.5
DEVICES = [
    {"kind": "battery", "power_kw": 4, "energy_wh": 8000, "share": 0.5},
    {"kind": "ev", "power_kw": 7, "energy_wh": 60000, "share": 0.5},
]
FLEXIBLE: dict[str, object] = {
    "traders.every_house.devices": DEVICES,
    "traders.every_house.strategy": "self_consumption",
    "profiles.forecaster": "seasonal_naive",
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    base = load(ROOT / "scenarios" / "trading_day.yaml")
    spent: dict[str, list[float]] = {"plain": [], "flexible": []}
    for seed in range(repeats + 1):
        for name, changes in (("plain", {}), ("flexible", FLEXIBLE)):
            with tempfile.TemporaryDirectory() as out:
                began = time.process_time()
                run(base.replace(changes), seed=seed, out=out)
                spent[name].append(time.process_time() - began)
    plain, flexible = (median(spent[name][1:]) for name in ("plain", "flexible"))
    print(f"plain {plain:.2f} s, flexible {flexible:.2f} s: {flexible / plain:.2f} (limit {LIMIT})")


if __name__ == "__main__":
    main()
