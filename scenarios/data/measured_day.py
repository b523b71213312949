"""Writes measured_day.csv: synthetic data in the shape of a meter's export.

No household was measured. The values come from the package's own generator `simple` at half-hourly
resolution, rounded to watts, so that the file can be shared and made again.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from p2p_cosim.scenario import Scenario, build_profiles

HOUSES, SEED = 5, 2024


def write(file: Path) -> None:
    """Write the day to a file."""
    scenario = Scenario(name="source").replace(
        {"profiles.model": "simple"}, count=HOUSES, interval_min=30, ticks=48, pv_share=0.6
    )
    profiles = build_profiles(scenario, np.random.SeedSequence(SEED))
    clock = scenario.clock.clock()
    with file.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(["timestamp", "house", "load_kw", "pv_kw"])
        for tick in range(clock.ticks):
            for i, house in enumerate(scenario.house_names):
                powers = (profiles.load_kw[tick, i], profiles.pv_kw[tick, i])
                time = clock.time(tick).isoformat(" ", "minutes")
                rows.writerow([time, house, *(f"{p_kw:.3f}" for p_kw in powers)])


if __name__ == "__main__":
    write(Path(__file__).with_suffix(".csv"))
